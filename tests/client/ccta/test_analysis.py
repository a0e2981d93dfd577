import threading

import numpy as np
import pytest

from scanserve.client.ccta.analysis import ALIVE, REACH, AnalyzedPhase, FoundVessel, analyze, common_lengths
from scanserve.contracts import EligibilityError, InferenceError, ResultError, ServerError, StudyError
from scanserve.contracts.ccta import CENTERLINE, QUALITY, STEPS, VESSELS
from scanserve.preprocessing import Finding
from tests.support import ccta_samples as samples


def run(study, client=None, findings=(), **options):
    with samples.checking(findings):
        return analyze(study, client or samples.FakeClient(), lambda timeout: True, **options)


@pytest.fixture(scope="module")
def analyzed():
    client, study, seen = samples.FakeClient(), samples.study((40.0, 70.0)), []
    analysis = run(study, client, progress=lambda *told: seen.append(told))
    return analysis, client, study, seen


def test_every_phase_in_the_order_of_the_study(analyzed):
    analysis = analyzed[0]
    assert [one.phase.label for one in analysis.phases] == ["40 %", "70 %"]
    assert {name: list(scores) for name, scores in analysis.scores.items()} == {
        vessel.abbreviation: ["40 %", "70 %"] for vessel in VESSELS
    }


def test_main_paths_follow_the_truth(analyzed):
    for (start, end), found in zip(samples.LINES, analyzed[0].phases[0].vessels.values(), strict=True):
        path = found.tree.path_points()
        assert np.linalg.norm(path[0] - start) < 3
        assert np.linalg.norm(path[-1] - end) < 3
        assert found.length_mm == pytest.approx(np.linalg.norm(np.subtract(end, start)), abs=4)


def test_one_request_a_phase_and_one_batch_for_the_quality(analyzed):
    _, client, _, _ = analyzed
    assert client.requests == [CENTERLINE.name] * 2 + [QUALITY.name]
    assert client.batches == [6]


def test_progress_reaches_the_end_of_every_phase(analyzed):
    last = {phase: (stage, fraction) for phase, stage, fraction in analyzed[3]}
    assert last == {"40 %": ("done", 1.0), "70 %": ("done", 1.0), "": ("done", 1.0)}


def test_projections_are_of_the_region(analyzed):
    axial, coronal, sagittal = analyzed[0].phases[0].planes
    assert [axial.name, coronal.name, sagittal.name] == ["axial", "coronal", "sagittal"]
    left, right, bottom, top = axial.extent
    assert left < 20 < 95 < right
    assert top < bottom  # posterior is down
    assert coronal.extent[3] > coronal.extent[2]  # superior is up
    assert [overlay.vessel for overlay in axial.overlays] == ["RCA", "LAD", "LCX"]
    np.testing.assert_allclose(axial.overlays[0].path[0], (20, 20), atol=3)


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

    run(study, Watching())
    assert max(alive) <= ALIVE
    assert alive[-1] == 0  # none is kept until the quality stage
    assert [len(phase.loaded) for phase in study.phases] == [1] * 8


def test_more_vessels_than_one_batch_holds():
    client = samples.FakeClient()
    analysis = run(samples.study((40.0, 41.0, 42.0, 50.0, 60.0, 70.0)), client)
    assert client.batches == [QUALITY.max_batch_size, 18 - QUALITY.max_batch_size]
    assert analysis.scores["LCX"]["70 %"].quality == pytest.approx(0.9)


def test_a_missing_vessel_has_a_coded_reason():
    analysis = run(samples.study((40.0, 70.0)), samples.FakeClient(missing={(40.0, 1)}))
    found = analysis.phases[0].vessels["LAD"]
    assert (found.tree, found.image, found.reason.code) == (None, None, "no-vessel")
    assert list(analysis.scores["LAD"]) == ["70 %"]


def test_no_vessel_at_all_is_an_error_unless_overridden():
    missing = {(40.0, number) for number in range(3)}
    with pytest.raises(ResultError) as caught:
        run(samples.study((40.0,)), samples.FakeClient(missing))
    assert caught.value.code == "no-vessels"
    analysis = run(samples.study((40.0,)), samples.FakeClient(missing), override="to see why")
    assert analysis.scores == {}
    assert analysis.phases[0].planes == ()


def test_ineligible_is_refused_with_every_reason_before_any_inference():
    client = samples.FakeClient()
    findings = (samples.NOT_A_HEART, Finding("thick-slices", "slices are 5 mm thick."))
    with pytest.raises(EligibilityError) as caught:
        run(samples.study(), client, findings)
    assert caught.value.code == "ineligible"
    for part in ("4 of 4 phases", "no-contrast", "thick-slices", "40 %, 50 %, 60 %, 70 %"):
        assert part in caught.value.message
    assert client.requests == []


def test_an_override_is_obeyed_and_the_reasons_are_kept():
    analysis = run(samples.study((40.0,)), findings=(samples.NOT_A_HEART,), override="a test")
    assert analysis.phases[0].ineligible == (samples.NOT_A_HEART,)


def test_a_server_that_dies_once_is_survived(monkeypatch):
    monkeypatch.setattr("scanserve.client.runs.resilience.time.sleep", lambda seconds: None)
    errors = [(CENTERLINE.name, InferenceError("inference-failed", "the stub died."))]
    client = samples.FakeClient(errors=errors)
    analysis = run(samples.study((40.0,)), client)
    assert client.requests == [CENTERLINE.name] * 2 + [QUALITY.name]
    assert len(analysis.scores) == 3


def test_an_absent_server_ends_the_run_and_its_threads():
    before = threading.active_count()
    errors = [(CENTERLINE.name, ServerError("permission-denied", "no."))]
    with pytest.raises(ServerError) as caught:
        run(samples.study(), samples.FakeClient(errors=errors))
    assert caught.value.code == "permission-denied"
    assert threading.active_count() == before


def test_a_phase_that_cannot_be_loaded_stops_before_anything():
    class Broken(samples.FakePhase):
        def check(self):
            raise StudyError("missing-slices", "3 slices are missing.")

    client = samples.FakeClient()
    study = samples.FakeStudy((samples.FakePhase(40.0), Broken(70.0)))
    with pytest.raises(StudyError):
        run(study, client)
    assert client.requests == []
    assert study.phases[0].loaded == []


def lengths(*values):
    image = np.zeros((STEPS, 2, 2), np.int16)
    vessels = [FoundVessel(VESSELS[0], 1.0, None, image if value else None, value) for value in values]
    return [AnalyzedPhase(None, (), {"RCA": vessel}, ()) for vessel in vessels]


def test_the_common_length_is_the_shortest_that_is_not_cut_short():
    assert common_lengths(lengths(120.0, 100.0, 110.0)) == {"RCA": 100.0}
    assert common_lengths(lengths(120.0, 30.0, 110.0, 115.0)) == {"RCA": 110.0}
    assert common_lengths(lengths(100.0, 100.0, 100.0 * REACH)) == {"RCA": 100.0 * REACH}
    assert common_lengths(lengths(0.0, 80.0)) == {"RCA": 80.0}
    assert common_lengths(lengths(0.0)) == {}


def test_quality_sees_the_common_length_only():
    seen = {}

    class Watching(samples.FakeClient):
        def _quality(self, inputs):
            seen.update(inputs)
            return super()._quality(inputs)

    run(samples.study((40.0, 70.0)), Watching())
    assert seen["straightened"].shape == (6, 320, 32, 32)
    assert (seen["straightened"].dtype, seen["length"].dtype) == (np.int16, np.float32)
    for image, (length,) in zip(seen["straightened"], seen["length"], strict=True):
        filled = np.flatnonzero((image > -1024).any(axis=(1, 2)))
        assert filled[-1] == int(length / 0.5)
    assert seen["length"][0] == seen["length"][3]
