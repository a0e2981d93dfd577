from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")
from scanserve.phantoms.ccta import Anatomy
from scanserve.phantoms.ccta.acquisition import MATRIX
from scanserve.phantoms.ccta.lumen import sigma_of
from scanserve.phantoms.ccta.ranges import RANGES
from scanserve.phantoms.ccta.render import POINT_VOXEL_MM
from scanserve.training.ccta.straightscan import GRAIN_VOXELS, KERNEL_MM, PIXEL_MM, SLICE_MM, StraightScan

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("matrix", [384, MATRIX])
def test_scans_of_every_population_lie_within_the_ranges_of_training(name: str, matrix: int) -> None:
    scan = RANGES[name].scan
    pixels = tuple(field / matrix for field in scan.field_of_view)
    slices = scan.slice_step
    covered = (
        (KERNEL_MM, scan.psf),
        (PIXEL_MM, pixels),
        (SLICE_MM, slices),
        (GRAIN_VOXELS, scan.grain_voxels),
    )
    for (low, high), (least, most) in covered:
        assert low <= least <= most <= high


def test_scans_fill_the_ranges() -> None:
    rng = np.random.default_rng(0)
    scans = [StraightScan.sample(rng) for _ in range(400)]
    drawn = (
        (KERNEL_MM, [s.psf_mm for s in scans]),
        (PIXEL_MM, [s.spacing_mm[0] for s in scans]),
        (SLICE_MM, [s.spacing_mm[2] for s in scans]),
        (GRAIN_VOXELS, [s.grain_voxels for s in scans]),
    )
    for (low, high), values in drawn:
        assert low <= min(values) < low + 0.02 * (high - low)
        assert high - 0.02 * (high - low) < max(values) <= high
    assert all(scan.spacing_mm[0] == scan.spacing_mm[1] for scan in scans)


def test_a_point_is_as_soft_as_a_voxel_of_the_scan() -> None:
    for scan in (StraightScan(0.2, (0.28, 0.28, 0.35), 1.0), StraightScan(0.6, (0.7, 0.7, 1.0), 1.0)):
        point = sigma_of((POINT_VOXEL_MM,) * 3, scan.point_psf_mm)
        assert point == pytest.approx(sigma_of(scan.spacing_mm, scan.psf_mm))


def test_a_softer_kernel_widens_the_edge_of_a_vessel() -> None:
    anatomy = Anatomy.sample(7)
    main = next(branch.points for branch in anatomy.vessel("RCA").at(75.0) if branch.main)[60]
    offset = np.linspace(-4, 4, 161)
    points = main + offset[:, None] * [1.0, 0.0, 0.0]
    steepest = [
        np.abs(np.gradient(StraightScan(psf, (0.3, 0.3, 0.4), 1.0).hu(anatomy, 75.0, points), offset)).max()
        for psf in (0.2, 0.4, 0.7)
    ]
    assert steepest[0] > 1.3 * steepest[1] > 1.69 * steepest[2]
