import threading
from dataclasses import replace

import numpy as np
import pytest

from scanserve.client.ccta import attempts
from scanserve.client.ccta.phases import SCANNED, SEEN, PhasePipeline, check_phases
from scanserve.client.runs.progress import silent
from scanserve.client.runs.timing import Stopwatch
from scanserve.contracts import EligibilityError, InferenceError, ServerError, StudyError
from scanserve.contracts.ccta import CENTERLINE, VESSELS
from scanserve.preprocessing import Finding
from tests.support import ccta_samples as samples
from tests.support.faint import faint_chest, fine_chest, written_study


def find(study, client=None, findings=(), *, override=None, progress=silent, stopwatch=None):
    """What is found in every phase of a made-up study."""
    pipeline = PhasePipeline(samples.infer_of(client), stopwatch or Stopwatch(), progress, override)
    with samples.checking(findings):
        return tuple(pipeline.run(study.phases))


@pytest.fixture(scope="module")
def found():
    client, seen, stopwatch = samples.FakeClient(), [], Stopwatch()
    phases = find(
        samples.study((40.0, 70.0)), client, progress=lambda *told: seen.append(told), stopwatch=stopwatch
    )
    return phases, client, seen, stopwatch


def test_every_phase_in_the_order_of_the_study(found):
    phases = found[0]
    assert [phase.label for phase in phases] == ["40 %", "70 %"]
    for phase in phases:
        assert list(phase.vessels) == [vessel.abbreviation for vessel in VESSELS]


def test_main_paths_follow_the_truth(found):
    for (start, end), vessel in zip(samples.LINES, found[0][0].vessels.values(), strict=True):
        path = vessel.tree.path_points()
        assert np.linalg.norm(path[0] - start) < 3
        assert np.linalg.norm(path[-1] - end) < 3
        assert vessel.length_mm == pytest.approx(np.linalg.norm(np.subtract(end, start)), abs=4)


def test_one_request_a_phase(found):
    assert found[1].requests == [CENTERLINE.name] * 2


def test_progress_reaches_the_end_of_every_phase(found):
    last = {part: (stage, fraction) for part, stage, fraction in found[2]}
    assert (last["40 %"], last["70 %"]) == (("done", 1.0), ("done", 1.0))
    assert last[""] == ("phases", (SCANNED + SEEN) / 2)


def test_the_stopwatch_knows_the_stages_of_each_phase(found):
    parts = {}
    for span in found[3].spans():
        parts.setdefault(span.stage, set()).add(span.part)
    stages = ("read", "check", "centerlines", "skeleton", "straighten", "project")
    assert parts == {stage: {"40 %", "70 %"} for stage in stages}


def test_projections_are_of_the_region(found):
    axial, coronal, sagittal = found[0][0].planes
    assert [axial.name, coronal.name, sagittal.name] == ["axial", "coronal", "sagittal"]
    left, right, bottom, top = axial.extent
    assert left < 20 < 95 < right
    assert top < bottom  # posterior is down
    assert coronal.extent[3] > coronal.extent[2]  # superior is up
    assert [overlay.vessel for overlay in axial.overlays] == ["RCA", "LAD", "LCX"]
    np.testing.assert_allclose(axial.overlays[0].path[0], (20, 20), atol=3)


def test_a_missing_vessel_has_a_coded_reason():
    phases = find(samples.study((40.0, 70.0)), samples.FakeClient(missing={(40.0, 1)}))
    vessel = phases[0].vessels["LAD"]
    assert (vessel.tree, vessel.image, vessel.reason.code) == (None, None, "no-vessel")
    assert phases[1].vessels["LAD"].image is not None


def test_without_a_vessel_there_is_nothing_to_project():
    missing = {(40.0, number) for number in range(3)}
    assert find(samples.study((40.0,)), samples.FakeClient(missing))[0].planes == ()


def test_ineligible_is_refused_with_every_reason_before_any_inference():
    client = samples.FakeClient()
    findings = (samples.NOT_A_HEART, Finding("thick-slices", "slices are 5 mm thick."))
    with pytest.raises(EligibilityError) as caught:
        find(samples.study(), client, findings)
    assert caught.value.code == "ineligible"
    for part in ("4 of 4 phases", "no-contrast", "thick-slices", "40 %, 50 %, 60 %, 70 %"):
        assert part in caught.value.message
    assert client.requests == []


def test_an_override_is_obeyed_and_the_reasons_are_kept():
    phases = find(samples.study((40.0,)), findings=(samples.NOT_A_HEART,), override="a test")
    assert phases[0].ineligible == (samples.NOT_A_HEART,)


def test_a_server_that_dies_once_is_survived(monkeypatch):
    monkeypatch.setattr("scanserve.client.runs.resilience.time.sleep", lambda seconds: None)
    errors = [(CENTERLINE.name, InferenceError("inference-failed", "the stub died."))]
    client = samples.FakeClient(errors=errors)
    assert len(find(samples.study((40.0,)), client)) == 1
    assert client.requests == [CENTERLINE.name] * 2


def test_an_absent_server_ends_the_run_and_its_threads():
    before = threading.active_count()
    errors = [(CENTERLINE.name, ServerError("permission-denied", "no."))]
    with pytest.raises(ServerError) as caught:
        find(samples.study(), samples.FakeClient(errors=errors))
    assert caught.value.code == "permission-denied"
    assert threading.active_count() == before


def test_a_phase_that_cannot_be_loaded_is_refused_before_any_is_read():
    study = samples.broken_study()
    with pytest.raises(StudyError) as caught:
        check_phases(study)
    assert caught.value.code == "missing-slices"
    assert study.phases[0].loaded == []


def of_phase(percent, findings):
    """Findings for the phase of that percentage alone."""
    return lambda phase, volume: findings if phase.percent == percent else ()


def test_one_phase_that_is_not_eligible_costs_no_other(monkeypatch):
    pipeline = PhasePipeline(samples.infer_of(samples.FakeClient()), Stopwatch(), silent, None)
    with samples.checking(), monkeypatch.context() as patched:
        patched.setattr(attempts, "check_eligibility", of_phase(40.0, (samples.NOT_A_HEART,)))
        found = tuple(pipeline.run(samples.study((40.0, 50.0, 70.0)).phases))
    assert [phase.label for phase in found] == ["50 %", "70 %"]
    (lost,) = pipeline.left_out
    assert (lost.label, lost.phase_lost, lost.reasons) == ("40 %", True, (samples.NOT_A_HEART,))


def test_strict_makes_one_phase_cost_the_others(monkeypatch):
    pipeline = PhasePipeline(samples.infer_of(samples.FakeClient()), Stopwatch(), silent, None, strict=True)
    with samples.checking(), monkeypatch.context() as patched:
        patched.setattr(attempts, "check_eligibility", of_phase(70.0, (samples.NOT_A_HEART,)))
        with pytest.raises(EligibilityError, match="1 of 3 phases"):
            tuple(pipeline.run(samples.study((40.0, 50.0, 70.0)).phases))


@pytest.mark.parametrize(
    ("code", "error"), [("missing-slices", StudyError), ("slices-too-thick", EligibilityError)]
)
def test_strict_refuses_lost_phases_before_any_is_read(code, error):
    lost = replace(samples.LOST, reasons=(Finding(code, "that."),))
    study = samples.FakeStudy((samples.FakePhase(40.0),), left_out=(lost, samples.CALCIUM))
    check_phases(study)
    with pytest.raises(error, match=r"phase 30 % \(series 4\) cannot be analysed"):
        check_phases(study, strict=True)


def test_the_analysis_excuses_and_looks_at_the_other_phase_for_its_rules(tmp_path):
    phases = written_study(tmp_path, p40=(faint_chest(), {}), p75=(fine_chest(), {}))
    pipeline = PhasePipeline(samples.infer_of(samples.FakeClient()), Stopwatch(), silent, None)
    read = list(pipeline._read_all(_given_back(pipeline, phases)))
    assert [(item.phase.label, item.ineligible) for item in read] == [("40 %", ()), ("75 %", ())]
    assert [finding.code for finding in read[0].phase.findings] == ["contrast-faint"]
    assert pipeline.left_out == []
    assert pipeline.evidence[0].phase.label == "75 %"


def _given_back(pipeline, phases):
    """The phases; nobody else gives the room of their volumes back."""
    pipeline._slots.give()
    return phases
