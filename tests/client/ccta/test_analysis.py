import threading

import numpy as np
import pytest

from scanserve.client.ccta.phases import ALIVE
from scanserve.contracts import ResultError
from scanserve.contracts.ccta import CENTERLINE, QUALITY
from tests.support import ccta_samples as samples


def test_every_phase_is_seen_before_the_quality_is_asked_for():
    client, seen = samples.FakeClient(), []
    study = samples.study((40.0, 70.0))
    analysis = samples.analysed(study, client, progress=lambda *told: seen.append(told))
    assert client.requests == [CENTERLINE.name] * 2 + [QUALITY.name]
    assert (analysis.study, analysis.labels) == (study, ["40 %", "70 %"])
    last = {part: (stage, fraction) for part, stage, fraction in seen}
    assert last == {"40 %": ("done", 1.0), "70 %": ("done", 1.0), "": ("done", 1.0)}


def test_volumes_do_not_pile_up():
    study = samples.study(tuple(float(percent) for percent in range(10, 90, 10)))
    alive, lock = [], threading.Lock()

    class Watching(samples.FakeClient):
        def _count(self):
            with lock:
                alive.append(sum(ref() is not None for phase in study.phases for ref in phase.loaded))

        def _centerline(self, inputs):
            self._count()
            outputs = super()._centerline(inputs)
            self._count()
            return outputs

        def _quality(self, inputs):
            self._count()
            return samples.quality_outputs(np.full(len(inputs["length"]), 0.5), inputs["length"][:, 0])

    samples.analysed(study, Watching())
    assert max(alive) <= ALIVE
    assert alive[-1] == 0  # none is kept until the quality stage
    assert [len(phase.loaded) for phase in study.phases] == [1] * 8


def test_no_vessel_at_all_is_an_error_unless_overridden():
    missing = {(40.0, number) for number in range(3)}
    with pytest.raises(ResultError) as caught:
        samples.analysed(samples.study((40.0,)), samples.FakeClient(missing))
    assert caught.value.code == "no-vessels"
    analysis = samples.analysed(samples.study((40.0,)), samples.FakeClient(missing), override="to see why")
    assert (analysis.scores, analysis.override) == ({}, "to see why")
