import time
from pathlib import Path

import numpy as np
import pytest

from scanserve.preprocessing import Volume, check_eligibility, read_study
from tests.support import ct_factory as factory
from tests.support.chest import chest, volume_of

SHARED = Path(__file__).parents[3] / "../shared/data"


@pytest.fixture
def fine_phase(tmp_path):
    """A phase whose header is beyond reproach."""
    factory.write_series(tmp_path, XRayTubeCurrent=600)
    return read_study(tmp_path).phases[0]


def _codes(phase, volume) -> set[str]:
    return {finding.code for finding in check_eligibility(phase, volume)}


def test_fine_contrast_chest_is_eligible(fine_phase):
    hu = chest().repeat(2, 0).repeat(3, 1).repeat(3, 2)
    volume = Volume.at(hu, (0, 0, 0), (2.5 / 3, 2.2 / 3, 1.0))
    assert check_eligibility(fine_phase, volume) == ()


def test_a_small_left_ventricle_at_end_systole_is_contrast_enough(fine_phase):
    assert "no-contrast" not in _codes(fine_phase, volume_of(chest(radii=(26, 19, 19))))  # 39 ml


@pytest.mark.parametrize("marrow", [150, 230, 280])
def test_chest_without_contrast_whatever_its_bones(fine_phase, marrow):
    volume = volume_of(chest(blood=45, marrow=marrow))
    codes = _codes(fine_phase, volume)
    assert "no-contrast" in codes
    assert "not-a-chest" not in codes


def test_body_without_lungs_is_no_chest(fine_phase):
    codes = _codes(fine_phase, volume_of(chest(lung=35)))
    assert "not-a-chest" in codes
    assert "no-contrast" not in codes


def test_messages_hold_value_and_limit(fine_phase):
    findings = {f.code: f.message for f in check_eligibility(fine_phase, volume_of(chest()))}
    assert findings["slices-too-thick"] == (
        "slices are 2.00 mm thick or apart; at most 1 mm can be analysed."
    )
    assert findings["pixels-too-large"].startswith("pixels are 2.50 mm wide; at most 1 mm")


def test_limits_themselves_are_allowed(fine_phase):
    volume = Volume.at(chest(), (0, 0, 0), (1.0, 1.0, 1.0))
    assert not {"slices-too-thick", "pixels-too-large"} & _codes(fine_phase, volume)


def test_small_coverage_and_few_slices(fine_phase):
    volume = Volume.at(np.zeros((39, 30, 30), np.int16), (0, 0, 0), (0.5, 0.5, 0.5))
    findings = check_eligibility(fine_phase, volume)
    assert [f.code for f in findings][:3] == ["too-few-slices", "coverage-too-small", "coverage-too-small"]


def test_thickness_counts_even_where_slices_overlap(tmp_path):
    factory.write_series(tmp_path, SliceThickness=3.0)
    (phase,) = read_study(tmp_path).phases
    assert "slices-too-thick" in _codes(phase, phase.load())


def test_low_tube_current(tmp_path):
    factory.write_series(tmp_path, XRayTubeCurrent=30)
    (phase,) = read_study(tmp_path).phases
    assert "tube-current-too-low" in _codes(phase, phase.load())


def test_uniform_and_tiny_volumes_do_not_break(fine_phase):
    for fill in (-1024, 0, 3071):
        volume = Volume.at(np.full((1, 2, 3), fill, np.int16), (0, 0, 0), (0.4, 0.4, 0.5))
        assert {"no-contrast", "not-a-chest"} <= _codes(fine_phase, volume)


def test_cost_does_not_grow_with_the_matrix(fine_phase):
    volume = Volume.at(np.zeros((256, 512, 512), np.int16), (0, 0, 0), (0.4, 0.4, 0.5))
    start = time.process_time()
    check_eligibility(fine_phase, volume)
    assert time.process_time() - start < 2


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="shared data is not beside the checkout")
class TestRealData:
    def test_real_heart_is_too_coarse_and_nothing_else(self):
        (phase,) = read_study(SHARED / "heart_ct_1p5mm").phases
        volume = phase.load()
        assert _codes(phase, volume) == {"slices-too-thick", "pixels-too-large"}

    def test_real_heart_with_its_contrast_washed_out(self):
        (phase,) = read_study(SHARED / "heart_ct_1p5mm").phases
        volume = phase.load()
        bright = volume.hu > 100
        washed = np.where(bright, np.maximum(volume.hu - 300, 50), volume.hu).astype(np.int16)
        assert "no-contrast" in _codes(phase, Volume(washed, volume.grid))

    def test_real_neck_is_no_chest(self):
        (phase,) = read_study(SHARED / "dicom_edge_cases/bad_sequence.dcm").phases
        assert {"not-a-chest", "no-contrast", "too-few-slices"} <= _codes(phase, phase.load())

    def test_real_body_slab_without_a_heart(self):
        (phase,) = read_study(SHARED / "dicom_edge_cases/siemens_contrast_ct_j2k").phases
        codes = _codes(phase, phase.load())
        assert {"slices-too-thick", "too-few-slices", "coverage-too-small"} <= codes
