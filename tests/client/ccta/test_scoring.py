import numpy as np
import pytest

from scanserve.client.ccta.phases import FoundPhase, FoundVessel
from scanserve.client.ccta.scoring import REACH, QualityScores, common_lengths
from scanserve.contracts.ccta import QUALITY, STEPS, VESSELS
from tests.support import ccta_samples as samples


def lengths(*values):
    image = np.zeros((STEPS, 2, 2), np.int16)
    vessels = [FoundVessel(VESSELS[0], 1.0, None, image if value else None, value) for value in values]
    return [FoundPhase(None, (), {"RCA": vessel}, ()) for vessel in vessels]


def test_the_common_length_is_the_shortest_that_is_not_cut_short():
    assert common_lengths(lengths(120.0, 100.0, 110.0)) == {"RCA": 100.0}
    assert common_lengths(lengths(120.0, 30.0, 110.0, 115.0)) == {"RCA": 110.0}
    assert common_lengths(lengths(100.0, 100.0, 100.0 * REACH)) == {"RCA": 100.0 * REACH}
    assert common_lengths(lengths(0.0, 80.0)) == {"RCA": 80.0}
    assert common_lengths(lengths(0.0)) == {}


def test_the_vessels_of_all_phases_go_as_one_batch():
    client = samples.FakeClient()
    scores = samples.analysed(samples.study((40.0, 70.0)), client).scores
    assert client.batches == [6]
    assert {name: list(scored.phases) for name, scored in scores.items()} == {
        vessel.abbreviation: ["40 %", "70 %"] for vessel in VESSELS
    }


def test_more_vessels_than_one_batch_holds():
    client = samples.FakeClient()
    analysis = samples.analysed(samples.study((40.0, 41.0, 42.0, 50.0, 60.0, 70.0)), client)
    assert client.batches == [QUALITY.max_batch_size, 18 - QUALITY.max_batch_size]
    assert analysis.scores["LCX"].phases["70 %"].quality == pytest.approx(0.9)


def test_a_vessel_is_scored_where_it_was_found():
    client = samples.FakeClient(missing={(40.0, 1)})
    scores = samples.analysed(samples.study((40.0, 70.0)), client).scores
    assert list(scores["LAD"].phases) == ["70 %"]


def test_quality_sees_the_common_length_only():
    seen = {}

    class Watching(samples.FakeClient):
        def _quality(self, inputs):
            seen.update(inputs)
            return super()._quality(inputs)

    analysis = samples.analysed(samples.study((40.0, 70.0)), Watching())
    assert seen["straightened"].shape == (6, 320, 32, 32)
    assert (seen["straightened"].dtype, seen["length"].dtype) == (np.int16, np.float32)
    for image, (length,) in zip(seen["straightened"], seen["length"], strict=True):
        filled = np.flatnonzero((image > -1024).any(axis=(1, 2)))
        assert filled[-1] == int(length / 0.5)
    assert seen["length"][0] == seen["length"][3]
    assert seen["length"][0] == np.float32(analysis.scores["RCA"].common_mm)


def test_the_class_is_the_most_probable_one():
    def name(*probabilities):
        rest = (None, 0.0, np.array(probabilities, np.float32), 0.0, 0.0, None, None)
        return QualityScores(*rest).quality_class.name

    assert name(0.1, 0.2, 0.6, 0.1) == "good"
    assert name(0.0, 0.5, 0.0, 0.5) == "adequate"
