import numpy as np
import pytest

from scanserve.phantoms.ccta import Acquisition, Anatomy, Grid
from scanserve.phantoms.ccta.ranges import PLAIN, TEST, TRAINING
from scanserve.phantoms.ccta.study import SHAPE, SPACING


def test_the_plain_scan_is_what_studies_always_were():
    scan = Acquisition.sample(3, PLAIN)
    assert (scan.psf_mm, scan.noise_hu, scan.grain_voxels) == (0.35, (18, 28), 0.8)
    assert Grid.centred(scan.shape, scan.spacing, scan.centre) == Grid.centred(SHAPE, SPACING)


@pytest.mark.parametrize("ranges", [TRAINING, TEST])
def test_scans_vary_within_their_ranges(ranges):
    scans = [Acquisition.sample(seed, ranges) for seed in range(60)]
    assert scans[7] == Acquisition.sample(7, ranges)
    low, high = ranges.scan.psf
    widths = [scan.psf_mm for scan in scans]
    assert low <= min(widths) < max(widths) <= high
    for scan in scans:
        assert scan.noise_hu[0] <= scan.noise_hu[1] <= ranges.scan.loud_hu[1]
        assert 512 * scan.spacing[0] == pytest.approx(512 * scan.spacing[1])
        least, most = ranges.scan.field_of_view
        assert least <= 512 * scan.spacing[0] <= most


def test_another_matrix_covers_the_same_field_of_view():
    scan = Acquisition.sample(5, TEST)
    coarse = scan.with_matrix(128)
    assert coarse.shape == (scan.shape[0], 128, 128)
    assert 128 * coarse.spacing[0] == pytest.approx(512 * scan.spacing[0])
    assert coarse.spacing[2] == scan.spacing[2]


def test_vessels_stay_in_the_field_of_view():
    for seed in range(4):
        anatomy = Anatomy.sample(seed, TRAINING)
        grid = Acquisition.sample(seed, TRAINING).grid(anatomy)
        points = np.concatenate([b.points for vessel in anatomy.vessels for b in vessel.branches])
        for i, axis in enumerate(grid.axes()):
            assert axis[0] < points[:, i].min()
            assert points[:, i].max() < axis[-1]
