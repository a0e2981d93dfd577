"""The stages on a heart in closed form, with networks that answer what is true, or what is known to be wrong."""

from functools import lru_cache

import numpy as np
import pytest

from scanserve.contracts.ccta import COARSE_SPACING_MM, CROP, STAGE1, STAGE2
from scanserve.perf.ccta.outcomes import Graphs, Subject, measure, prepare, with_true_prior
from scanserve.preprocessing import Volume
from scanserve.server import find_model_repository
from tests.support import tube_heart as tubes

pytest.importorskip("onnxruntime")


class Answers:
    """The served graphs, with networks that answer ``maps``, and what stage 1 was shown."""

    def __init__(self, maps=None):
        self.graphs, self.maps, self.shown = Graphs(find_model_repository()), maps, None

    def __call__(self, spec, inputs):
        if spec is STAGE1:
            self.shown = inputs["coarse"]
            return {"coarse_maps": self.maps}
        if spec is STAGE2:  # the prior made as narrow as a precise map
            return {"heatmaps": np.rint(inputs["crops"][:, 1] ** 5 * 255).astype(np.uint8)}
        return self.graphs(spec, inputs)


@lru_cache
def prepared():
    branches = [[tubes.dense(line) for line in tubes.LINES[name]] for name in ("RCA", "LAD", "LCX")]
    volume = Volume.at(tubes.ct(tubes.arteries()), tubes.FIRST, (1, 1, 1))
    return prepare(Subject("tubes", volume, branches), Answers())


@lru_cache
def given():
    return with_true_prior(prepared(), Answers())


def test_with_true_maps_every_vessel_is_found():
    for outcome, alone in zip(measure(prepared(), Answers(prepared().truth), given()), given(), strict=True):
        assert outcome.frame_mm == 0
        assert outcome.heat > 0.9
        assert outcome.presence > 0.8
        assert outcome.chain == outcome.given == alone
        assert outcome.chain.covered_mm > 0.9 * outcome.chain.true_mm
        assert outcome.chain.right_mm > 0.9 * outcome.chain.found_mm


def test_a_map_that_is_off_moves_the_frame_and_leaves_the_true_lines_dark():
    shifted = np.roll(prepared().truth, 4, axis=2)
    for outcome in measure(prepared(), Answers(shifted), given()):
        assert outcome.frame_mm == pytest.approx(4 * COARSE_SPACING_MM)
        assert outcome.heat < 0.5
        assert outcome.given == given()[("RCA", "LAD", "LCX").index(outcome.vessel)]
        assert outcome.chain.covered_mm < 0.5 * outcome.chain.true_mm


def test_an_empty_map_finds_nothing():
    for outcome in measure(prepared(), Answers(np.zeros_like(prepared().truth)), given()):
        assert (outcome.presence, outcome.heat) == (0, 0)
        assert (outcome.chain.covered_mm, outcome.chain.found_mm) == (0, 0)
        assert outcome.chain.true_mm == outcome.given.true_mm


@pytest.mark.parametrize(("channel", "number", "neutral"), [("mean", 0, -1), ("evidence", 1, 0)])
def test_a_channel_is_left_out_as_in_training(channel, number, neutral):
    answers = Answers(prepared().truth)
    measure(prepared(), answers, given(), channel)
    assert (answers.shown[0, number] == neutral).all()
    np.testing.assert_array_equal(answers.shown[0, 1 - number], prepared().coarse[0, 1 - number])
    assert prepared().coarse[0, number].std() > 0


def test_a_graph_is_loaded_once_for_all_that_share_it(tmp_path):
    served = find_model_repository()
    (tmp_path / "ccta_crop").symlink_to(served / "ccta_crop")
    sessions = {}
    inputs = {**prepared().working, "coarse_maps": prepared().truth}
    first, second = (Graphs(folder, sessions)(CROP, inputs) for folder in (served, tmp_path))
    assert len(sessions) == 1
    np.testing.assert_array_equal(first["crops"], second["crops"])
