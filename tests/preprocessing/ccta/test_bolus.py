from dataclasses import replace

import pytest

from scanserve.preprocessing import Finding, check_eligibility
from scanserve.preprocessing.ccta import Bolus
from scanserve.preprocessing.ccta.anatomy import CoarseVolume, faint_contrast_ml
from scanserve.preprocessing.ccta.eligibility import MIN_FAINT_ML
from tests.support.faint import faint_chest, fine_chest, written_study


def _judged(phases):
    """The codes that still speak against each phase, and what was noticed in it."""
    bolus, outcome = Bolus(phases), {}
    for phase in phases:
        volume = phase.load()
        excused, unfit = bolus.excuse(phase, check_eligibility(phase, volume), lambda volume=volume: volume)
        noticed = [finding.code for finding in excused.findings]
        outcome[phase.label] = [finding.code for finding in unfit], noticed
    return outcome


def test_a_faint_phase_is_excused_by_another_of_its_scan_and_says_so(tmp_path):
    phases = written_study(tmp_path, p40=(faint_chest(), {}), p75=(fine_chest(), {}))
    assert [f.code for f in check_eligibility(phases[0], phases[0].load())] == ["no-contrast"]
    assert _judged(phases) == {"40 %": ([], ["contrast-faint"]), "75 %": ([], [])}


def test_the_finding_names_what_was_seen_and_the_other_phase(tmp_path):
    phases = written_study(tmp_path, p40=(faint_chest(), {}), p75=(fine_chest(blood=350), {}))
    unfit = check_eligibility(phases[0], phases[0].load())
    noticed = Bolus(phases).excuse(phases[0], unfit, phases[0].load)[0].findings[-1]
    assert noticed.message.startswith("only ")
    assert noticed.message.endswith("it is analysed because phase 75 % of the same scan shows more.")


@pytest.mark.parametrize(
    ("other", "excused"),
    [
        ({"SliceThickness": 0.9}, False),
        ({"ConvolutionKernel": "Bv60"}, False),
        ({"FrameOfReferenceUID": ""}, False),
        ({"PixelSpacing": [0.74, 0.83]}, False),
        ({"origin": (-10.0, -20.0, 900.0)}, False),
        ({"origin": (-10.0, -20.0, 80.0)}, True),
        ({"step": 1.004}, True),
        ({"AcquisitionTime": "120030"}, True),
        ({"AcquisitionTime": "120801"}, False),
    ],
)
def test_only_a_phase_of_the_same_scan_vouches(tmp_path, other, excused):
    own = {"AcquisitionTime": "120001"} if "AcquisitionTime" in other else {}
    if other.get("FrameOfReferenceUID") == "":
        own = other
    phases = written_study(tmp_path, p40=(faint_chest(), own), p75=(fine_chest(blood=350), other))
    outcome = {phase.label: _excused(Bolus(phases), phase) for phase in phases if phase.label == "40 %"}
    assert outcome == {"40 %": excused}


def test_a_phase_in_another_frame_of_reference_does_not_vouch(tmp_path):
    phases = written_study(tmp_path, p40=(faint_chest(), {}), p75=(fine_chest(), {}))
    slices = tuple(replace(image, frame_of_reference="1.2.3.99") for image in phases[1].stack.slices)
    elsewhere = replace(phases[1], stack=replace(phases[1].stack, slices=slices))
    assert not _excused(Bolus([phases[0], elsewhere]), phases[0])


def _excused(bolus, phase):
    unfit = check_eligibility(phase, phase.load())
    assert [finding.code for finding in unfit] == ["no-contrast"]
    return bolus.excuse(phase, unfit, phase.load)[1] == ()


def test_a_scan_with_hardly_any_contrast_is_never_excused(tmp_path):
    drop = fine_chest(blood=45)
    drop[51:69, 117:142, 181:203] = 300  # a cube of 18 mm
    phases = written_study(tmp_path, p40=(drop, {}), p75=(fine_chest(), {}))
    volume = CoarseVolume.from_volume(phases[0].load())
    assert 1 < faint_contrast_ml(volume) < MIN_FAINT_ML
    assert not _excused(Bolus(phases), phases[0])


@pytest.mark.parametrize(("blood", "radii"), [(205, (35, 22, 25)), (225, (40, 24, 28))])
def test_faint_phases_do_not_excuse_each_other(tmp_path, blood, radii):
    """However much a few of their slices show, in which specks hardly cut compartments up."""
    faint = fine_chest(cut_up=True, blood=blood, radii=radii)
    phases = written_study(tmp_path, p40=(faint, {}), p75=(faint, {}))
    assert not any(_excused(Bolus(phases), phase) for phase in phases)


@pytest.mark.parametrize("settings", [{"lung": 35}, {"blood": 45}])
def test_only_an_eligible_phase_vouches(tmp_path, settings):
    phases = written_study(tmp_path, p40=(faint_chest(), {}), p75=(fine_chest(**settings), {}))
    assert not _excused(Bolus(phases), phases[0])


def test_a_reconstruction_of_the_same_phase_does_not_vouch(tmp_path):
    phases = written_study(tmp_path, p40=(faint_chest(), {}), p75=(fine_chest(), {}))
    assert not _excused(Bolus([phases[0], replace(phases[1], label="40 %")]), phases[0])


def test_a_phase_that_cannot_be_read_vouches_for_nothing(tmp_path):
    phases = written_study(tmp_path, p40=(faint_chest(), {}), p75=(fine_chest(), {}))
    for file in (tmp_path / "p75").iterdir():
        file.unlink()
    assert not _excused(Bolus(phases), phases[0])


def test_other_reasons_are_left_alone_without_a_look_at_pixels(tmp_path):
    phases = written_study(tmp_path, p40=(fine_chest(), {}), p75=(fine_chest(), {}))
    for codes in ((), ("not-a-chest",), ("no-contrast", "not-a-chest")):
        unfit = tuple(Finding(code, "so it is.") for code in codes)
        assert Bolus(phases).excuse(phases[0], unfit, pytest.fail) == (phases[0], unfit)
