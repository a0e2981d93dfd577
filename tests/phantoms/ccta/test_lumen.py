import numpy as np
import pytest

from scanserve.geometry.grid import Grid
from scanserve.phantoms.ccta.lumen import MovingSamples, lay, near_points, near_voxels, sigma_of

FAT, LUMEN = -100.0, 400.0


def straight(radius: float, shifts=(0.0,)) -> MovingSamples:
    """A vessel along z, displaced along x at each sub-time."""
    z = np.arange(-20, 20.01, 0.5)
    middle = np.stack([0 * z, 0 * z, z], 1).astype(np.float32)
    points = np.stack([middle + np.array([s, 0, 0], np.float32) for s in shifts])
    tangents = np.broadcast_to(np.array([0, 0, 1], np.float32), points.shape).copy()
    ends = np.zeros(len(z), bool)
    full = np.full(len(z), radius, np.float32)
    return MovingSamples(middle, points, tangents, full, np.full(len(z), LUMEN, np.float32), ends)


def section(samples: MovingSamples, spacing: float = 0.2) -> tuple[np.ndarray, np.ndarray]:
    """Occupancy of the plane z = 0 painted over fat, and its places."""
    axis = np.arange(-8, 8.001, spacing)
    x, y = np.meshgrid(axis, axis, indexing="ij")
    places = np.stack([x.ravel(), y.ravel(), 0 * x.ravel()], 1).astype(np.float32)
    hu = lay(np.full(len(places), FAT, np.float32), places, samples, sigma_of((spacing,) * 3), FAT)
    return (hu - FAT).reshape(x.shape) / (LUMEN - FAT), axis


@pytest.mark.parametrize("radius", [1.0, 1.5, 2.0])
def test_area_of_a_resting_tube(radius):
    share, axis = section(straight(radius))
    area = share.sum() * (axis[1] - axis[0]) ** 2
    assert area == pytest.approx(np.pi * radius**2, rel=0.12)


def test_axis_of_a_thick_resting_tube_is_pure_lumen():
    share, axis = section(straight(2.0))
    middle = len(axis) // 2
    assert share[middle, middle] == pytest.approx(1, abs=0.01)


def test_thin_tubes_lose_contrast_like_a_gaussian():
    sigma = sigma_of((0.2,) * 3)
    share, axis = section(straight(0.4))
    middle = len(axis) // 2
    assert share[middle, middle] == pytest.approx(1 - np.exp(-(0.4**2) / (2 * sigma**2)), abs=0.01)


def test_motion_smears_but_keeps_the_area():
    still, axis = section(straight(1.2))
    moved, _ = section(straight(1.2, np.linspace(-2, 2, 9)))
    assert moved.sum() == pytest.approx(still.sum(), rel=0.03)
    assert moved.max() < 0.75 * still.max()
    x = np.abs(axis)
    assert (moved.sum(1) * x).sum() > 1.3 * (still.sum(1) * x).sum()
    assert moved.sum(0) == pytest.approx(still.sum(0), rel=0.05, abs=0.05)


def test_blood_is_not_replaced_by_fat():
    places = np.array([[2.5, 0, 0]], np.float32)
    assert lay(np.array([350.0], np.float32), places, straight(1.0), 0.3, FAT)[0] == pytest.approx(350, abs=1)
    assert lay(np.array([100.0], np.float32), places, straight(1.0), 0.3, FAT)[0] < 0


def test_near_voxels_miss_none():
    grid = Grid.centred((20, 30, 40), (1.0, 1.2, 1.5))
    points = np.linspace([-3, 0, 2], [5, 4, 3], 21, dtype=np.float32)
    flat, places = near_voxels(points, 4.0, grid)
    x, y, z = np.meshgrid(*grid.axes(), indexing="ij")
    every = np.stack([x, y, z], -1).transpose(2, 1, 0, 3).reshape(-1, 3)
    assert every[flat] == pytest.approx(places)
    close = np.flatnonzero(np.linalg.norm(every[:, None] - points, axis=-1).min(1) < 4.0)
    assert set(close) <= set(flat)
    assert set(close) <= set(near_points(points, 4.0, every))


def test_nothing_is_near_a_grid_far_away():
    flat, places = near_voxels(np.zeros((3, 3), np.float32), 2.0, Grid((4, 4, 4), (500, 500, 500), (1, 1, 1)))
    assert len(flat) == len(places) == 0
