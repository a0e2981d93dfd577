import numpy as np
import pytest

from scanserve.preprocessing import Finding, check_eligibility
from scanserve.preprocessing.ccta import Bolus, sample_of
from scanserve.preprocessing.ct import read_study
from tests.support import ct_factory as factory
from tests.support.chest import chest

GRID = {"PixelSpacing": [2.2 / 3, 2.5 / 3], "SliceThickness": 1.0, "step": 1.0}
#: Specks that cut blood up, so that hardly any cube of 15 mm is bright throughout.
SPECKS = np.random.default_rng(1).random((120, 300, 360)) < 0.001


def _chest(*, cut_up=False, **settings):
    """A chest that is fine enough to be eligible; with ``cut_up``, dark specks of a few voxels in everything."""
    hu = chest(**settings).repeat(2, 0).repeat(3, 1).repeat(3, 2)
    if cut_up:
        z, y, x = np.nonzero(SPECKS)
        for dz, dy, dx in np.ndindex(4, 5, 5):
            hu[np.minimum(z + dz, 119), np.minimum(y + dy, 299), np.minimum(x + dx, 359)] = 60
    return hu


def _faint():
    """A small heart in which 30 ml of blood are left between the specks, and none in whole cubes of 15 mm."""
    return _chest(cut_up=True, blood=205, radii=(35, 22, 25))


def _study(folder, **phases):
    """The phases of a study by their percentages, of chests and of what their headers say otherwise."""
    for name, (hu, tags) in phases.items():
        uids = {"SeriesInstanceUID": f"1.2.9.{name[1:]}", "uid": f"1.2.8.{name[1:]}"}
        named = {"SeriesDescription": f"CTA {name[1:]} %"}
        stored = (hu + 1024).astype(np.int16)
        factory.write_series(folder / name, stored, **(GRID | uids | named | tags))
    return read_study(folder).phases


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
    phases = _study(tmp_path, p40=(_faint(), {}), p75=(_chest(blood=215), {}))
    assert [f.code for f in check_eligibility(phases[0], phases[0].load())] == ["no-contrast"]
    assert _judged(phases) == {"40 %": ([], ["contrast-faint"]), "75 %": ([], [])}


def test_the_finding_names_what_was_seen_and_the_other_phase(tmp_path):
    phases = _study(tmp_path, p40=(_faint(), {}), p75=(_chest(blood=215), {}))
    unfit = check_eligibility(phases[0], phases[0].load())
    noticed = Bolus(phases).excuse(phases[0], unfit, sample_of(phases[0]).load)[0].findings[-1]
    assert noticed.message.startswith("only ")
    assert noticed.message.endswith("it is analysed because phase 75 % of the same scan shows more.")


@pytest.mark.parametrize("other", [{"SliceThickness": 0.9}, {"ConvolutionKernel": "Bv60"}])
def test_another_reconstruction_does_not_excuse(tmp_path, other):
    phases = _study(tmp_path, p40=(_faint(), {}), p75=(_chest(blood=215), other))
    assert _judged(phases)["40 %"] == (["no-contrast"], [])


def test_a_scan_without_contrast_is_never_excused(tmp_path):
    phases = _study(tmp_path, p40=(_chest(blood=45), {}), p75=(_chest(), {}))
    assert _judged(phases) == {"40 %": (["no-contrast"], []), "75 %": ([], [])}


def test_two_faint_phases_do_not_excuse_each_other(tmp_path):
    judged = _judged(_study(tmp_path, p40=(_faint(), {}), p75=(_faint(), {})))
    assert judged == {"40 %": (["no-contrast"], []), "75 %": (["no-contrast"], [])}


def test_a_phase_that_cannot_be_read_vouches_for_nothing(tmp_path):
    phases = _study(tmp_path, p40=(_faint(), {}), p75=(_chest(), {}))
    for file in (tmp_path / "p75").iterdir():
        file.unlink()
    unfit = check_eligibility(phases[0], phases[0].load())
    assert Bolus(phases).excuse(phases[0], unfit, phases[0].load) == (phases[0], unfit)


def test_other_reasons_are_left_alone_without_a_look_at_pixels(tmp_path):
    phases = _study(tmp_path, p40=(_chest(), {}), p75=(_chest(), {}))
    for codes in ((), ("not-a-chest",), ("no-contrast", "not-a-chest")):
        unfit = tuple(Finding(code, "so it is.") for code in codes)
        assert Bolus(phases).excuse(phases[0], unfit, pytest.fail) == (phases[0], unfit)
