"""The CCTA contract's arithmetic and codes."""

import numpy as np
import pytest

from scanserve.contracts import ccta, find_model


def verhoeff(digits):
    """The check of a SNOMED CT identifier (dihedral group D5): 0 for a valid one."""
    turn = [[(a + b) % 5 if a < 5 and b < 5 else 0 for b in range(10)] for a in range(10)]
    for a in range(10):
        for b in range(10):
            low = (a + b) % 5 if a < 5 else (a - b) % 5
            turn[a][b] = low if (a < 5) == (b < 5) else low + 5
    step = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
    check = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit)
        for _ in range(position % 8):
            value = step[value]
        check = turn[check][value]
    return check


def test_vessels_are_in_the_agreed_order():
    assert [vessel.abbreviation for vessel in ccta.VESSELS] == ["RCA", "LAD", "LCX"]


@pytest.mark.parametrize("vessel", ccta.VESSELS, ids=lambda vessel: vessel.abbreviation)
def test_snomed_codes_are_valid_identifiers(vessel):
    assert vessel.snomed.isdigit()
    assert 6 <= len(vessel.snomed) <= 18
    assert verhoeff(vessel.snomed) == 0


def test_the_check_digit_catches_a_wrong_code():
    assert verhoeff("13647003") != 0


@pytest.mark.parametrize("vessel", ccta.VESSELS, ids=lambda vessel: vessel.abbreviation)
def test_segments_follow_the_eighteen_segment_model(vessel):
    assert vessel.scct_segments
    assert set(vessel.scct_segments) <= set(range(1, 19))


def test_sections_fill_the_straightened_vessel():
    assert ccta.STEPS % ccta.SECTIONS == 0
    assert pytest.approx(ccta.STEPS * ccta.STEP_MM) == ccta.SECTIONS * ccta.SECTION_MM


def test_quality_classes_run_from_worst_to_best():
    grades, weights, blurs = zip(*((c.grade, c.weight, c.blur_mm) for c in ccta.QUALITY_CLASSES), strict=True)

    assert grades == (1, 2, 3, 4)
    assert weights == pytest.approx(np.linspace(0, 1, 4))
    assert list(blurs) == sorted(blurs, reverse=True)


def test_axes_follow_the_constants():
    assert find_model("ccta_stage1").input("coarse").shape == (1, 2, *ccta.COARSE_SHAPE)
    assert find_model("ccta_centerline").output("heatmaps").shape == (3, *ccta.CROP_SHAPE)
    straightened = find_model("ccta_quality").input("straightened")
    assert straightened.shape == (ccta.STEPS, ccta.CROSS_SIZE, ccta.CROSS_SIZE)


def test_grids_divide_by_the_network_stride():
    assert all(size % 32 == 0 for size in (*ccta.COARSE_SHAPE, *ccta.CROP_SHAPE))


def test_the_coarse_grid_is_blocks_of_the_working_grid():
    assert pytest.approx(ccta.COARSE_BLOCK * ccta.WORKING_SPACING_MM) == ccta.COARSE_SPACING_MM
    assert tuple(size * ccta.COARSE_BLOCK for size in ccta.COARSE_SHAPE) == ccta.WORKING_SHAPE


def test_crops_are_voxels_of_the_working_grid():
    assert ccta.CROP_SPACING_MM == ccta.WORKING_SPACING_MM
    assert all(part <= whole for part, whole in zip(ccta.CROP_SHAPE, ccta.WORKING_SHAPE, strict=True))


def test_the_window_is_a_window():
    assert ccta.HU_LOW < ccta.HU_HIGH
