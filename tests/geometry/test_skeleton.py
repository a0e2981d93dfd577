from dataclasses import replace

import numpy as np
import pytest

from scanserve.contracts import InputError, ResultError
from scanserve.geometry import SkeletonOptions
from scanserve.geometry import skeletonize_heatmap as skeletonized
from tests.support import drawing

LINE = np.array([[5.0, 20, 20], [38, 22, 25]])
MAP = drawing.ridge([LINE])
OPTIONS = SkeletonOptions(
    high=0.5,
    low=0.25,
    minimum_hot_voxels=24,
    lost_voxels=6.0,
    most_warm_voxels=10_000,
    most_line_voxels=1_000,
)


def skeletonize_heatmap(values, options=OPTIONS):
    return skeletonized(values, options)


def test_a_ridge_becomes_a_line_of_single_voxels():
    voxels = skeletonize_heatmap(MAP.values)
    assert drawing.distances(MAP.grid.to_lps(voxels), LINE).max() < 0.9
    assert len(voxels) == pytest.approx(33 / 0.9, abs=3)


def test_nothing_hot_is_no_voxel():
    assert skeletonize_heatmap(np.zeros((5, 6, 7), dtype=np.uint8)).shape == (0, 3)
    assert skeletonize_heatmap(np.full((5, 6, 7), 100, dtype=np.uint8)).shape == (0, 3)


def test_a_speck_is_no_evidence():
    speck = np.zeros((9, 9, 9), dtype=np.uint8)
    speck[3:5, 3:5, 3:8] = 255
    assert len(skeletonize_heatmap(speck)) == 0
    assert len(skeletonize_heatmap(speck, replace(OPTIONS, minimum_hot_voxels=20))) > 0


@pytest.mark.parametrize("width", [2, 3, 4, 5])
def test_bars_of_even_width_are_not_lost(width):
    """scikit-image's thinning alone leaves nothing of the even ones."""
    bar = np.zeros((12, 12, 40), dtype=np.uint8)
    bar[3 : 3 + width, 3 : 3 + width, 5:35] = 255
    assert np.ptp(skeletonize_heatmap(bar)[:, 2]) > 24


def test_hysteresis_follows_a_vessel_that_fades_and_drops_warm_haze():
    values = np.zeros((9, 9, 60), dtype=np.uint8)
    values[3:6, 3:6, 2:30] = 255
    values[3:6, 3:6, 30:50] = 70
    values[1, 8, 2:50] = 70
    found = skeletonize_heatmap(values)
    assert found[:, 2].max() > 46
    assert set(found[:, 0]) == {4}


@pytest.mark.parametrize("shift", [(0, 0, 0), (3, 1, 7), (11, 5, 2)])
def test_where_the_crop_lies_does_not_move_the_skeleton(shift):
    wide = np.zeros((64, 64, 64), dtype=np.uint8)
    wide[tuple(slice(s, s + 48) for s in shift)] = MAP.values
    np.testing.assert_array_equal(skeletonize_heatmap(wide) - shift, skeletonize_heatmap(MAP.values))


def test_input_is_checked():
    with pytest.raises(InputError) as caught:
        skeletonize_heatmap(np.zeros((4, 4, 4)))
    assert caught.value.code == "heatmap-shape"


def test_a_map_that_is_warm_nearly_everywhere_is_no_vessel():
    with pytest.raises(ResultError, match="at most 10000 warm voxels but has 27000") as caught:
        skeletonize_heatmap(np.full((30, 30, 30), 64, dtype=np.uint8))
    assert caught.value.code == "heatmap-implausible"


def test_a_lattice_of_lines_is_no_vessel():
    z, y, x = np.indices((40, 40, 40))
    lattice = np.where(((z % 8 == 0) & (y % 8 == 0)) | ((z % 8 == 0) & (x % 8 == 0)), 255, 0).astype(np.uint8)
    with pytest.raises(ResultError, match="voxels on its centerlines") as caught:
        skeletonize_heatmap(lattice)
    assert caught.value.code == "heatmap-implausible"
