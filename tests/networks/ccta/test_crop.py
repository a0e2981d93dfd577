from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

torch = pytest.importorskip("torch")
from scanserve.contracts.ccta import (  # noqa: E402
    COARSE_SHAPE,
    COARSE_SPACING_MM,
    CROP,
    CROP_SHAPE,
    CROP_SPACING_MM,
    HU_HIGH,
    HU_LOW,
    WORKING_SHAPE,
    WORKING_SPACING_MM,
)
from scanserve.networks.ccta import Crop  # noqa: E402
from scanserve.networks.ccta.crop import frame_centres  # noqa: E402

pytestmark = pytest.mark.torch

ORIGIN = np.array([-50.0, 20.0, 300.0])  # (x, y, z) of the working grid
#: A block of the coarse grid begins half a working voxel before the centre of its first voxel.
COARSE_ORIGIN = ORIGIN + (COARSE_SPACING_MM - WORKING_SPACING_MM) / 2


def blob(shape: tuple[int, ...], centre: np.ndarray, sigma: float) -> np.ndarray:
    axes = np.meshgrid(*map(np.arange, shape), indexing="ij", sparse=True)
    return np.exp(-sum((a - c) ** 2 for a, c in zip(axes, centre, strict=True)) / (2 * sigma**2))


def crop(working: np.ndarray, maps: np.ndarray) -> dict[str, np.ndarray]:
    with torch.inference_mode():
        results = Crop()(
            torch.from_numpy(working), torch.from_numpy(ORIGIN.astype(np.float32)), torch.from_numpy(maps)
        )
    for spec, result in zip(CROP.outputs, results, strict=True):
        spec.validate(result.numpy())
    return {spec.name: result.numpy() for spec, result in zip(CROP.outputs, results, strict=True)}


def index(point: np.ndarray, origin: np.ndarray, spacing: float) -> np.ndarray:
    """LPS mm (x, y, z) to the index (z, y, x) on a grid."""
    return (point - origin)[::-1] / spacing


#: One point per vessel, off the centre in every axis.
MIDDLE = ORIGIN + (np.array(WORKING_SHAPE[::-1]) - 1) / 2 * WORKING_SPACING_MM
POINTS = MIDDLE + np.array([[-20.0, 14.0, 12.0], [12.0, 20.0, -15.0], [-24.0, -17.0, 9.0]])


@pytest.fixture(scope="module")
def served() -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    bright = np.zeros(WORKING_SHAPE)
    maps = np.zeros((1, 3, *COARSE_SHAPE), np.float32)
    for vessel, point in enumerate(POINTS):
        bright += blob(WORKING_SHAPE, index(point, ORIGIN, WORKING_SPACING_MM), 3.0)
        maps[0, vessel] = blob(COARSE_SHAPE, index(point, COARSE_ORIGIN, COARSE_SPACING_MM), 3.0)
    working = (bright * 800 - 300).astype(np.int16)
    return working, maps, crop(working, maps)


@pytest.mark.parametrize("vessel", [0, 1, 2])
def test_a_bright_blob_is_found_at_its_own_millimetres(served: tuple, vessel: int) -> None:
    *_, result = served
    origin, point = result["crop_origin"][vessel], POINTS[vessel]
    expected = index(point, origin, CROP_SPACING_MM)
    around = tuple(slice(int(e) - 8, int(e) + 9) for e in expected)
    for channel in (0, 1):
        patch = result["crops"][vessel, channel][around]
        patch = np.clip(patch - patch.max() / 2, 0, None)
        offset = [(patch * g).sum() / patch.sum() for g in np.indices(patch.shape)]
        found = np.array(offset) + [s.start for s in around]
        np.testing.assert_allclose(found, expected, atol=0.15)  # voxels of 0.9 mm


def test_the_frame_is_centred_on_the_vessel(served: tuple) -> None:
    *_, result = served
    centre = result["crop_origin"] + (np.array(CROP_SHAPE[::-1]) - 1) / 2 * CROP_SPACING_MM
    np.testing.assert_allclose(centre, POINTS, atol=0.6)  # whole voxels
    np.testing.assert_allclose(result["crop_spacing"], CROP_SPACING_MM)


def test_the_image_is_the_working_volume_itself(served: tuple) -> None:
    working, _, result = served
    for vessel in range(3):
        first = index(result["crop_origin"][vessel], ORIGIN, WORKING_SPACING_MM)
        corner = np.rint(first).astype(int)
        np.testing.assert_allclose(first, corner, atol=1e-3)
        box = tuple(slice(c, c + size) for c, size in zip(corner, CROP_SHAPE, strict=True))
        expected = (np.clip(working[box], HU_LOW, HU_HIGH) - HU_LOW) / (HU_HIGH - HU_LOW) * 2 - 1
        np.testing.assert_allclose(result["crops"][vessel, 0], expected, atol=1e-5)


def test_the_map_equals_linear_interpolation(served: tuple) -> None:
    _, maps, result = served
    for vessel in range(3):
        first = index(result["crop_origin"][vessel], COARSE_ORIGIN, COARSE_SPACING_MM)
        axes = [first[a] + CROP_SPACING_MM / COARSE_SPACING_MM * np.arange(CROP_SHAPE[a]) for a in range(3)]
        points = np.meshgrid(*axes, indexing="ij")
        expected = map_coordinates(maps[0, vessel], points, order=1, mode="nearest")
        np.testing.assert_allclose(result["crops"][vessel, 1], expected, atol=1e-4)


def test_an_empty_map_gives_the_centre_of_the_grid_and_no_presence() -> None:
    result = crop(np.zeros(WORKING_SHAPE, np.int16), np.zeros((1, 3, *COARSE_SHAPE), np.float32))
    centre = result["crop_origin"] + (np.array(CROP_SHAPE) - 1) / 2 * CROP_SPACING_MM
    np.testing.assert_allclose(centre, np.tile(MIDDLE, (3, 1)), atol=1e-3)
    assert (result["presence"] == 0).all()


def test_presence_is_the_mean_of_the_32_highest() -> None:
    maps = np.zeros((1, 3, *COARSE_SHAPE), np.float32)
    maps[0, 0, 10, 10, :32] = 0.75
    maps[0, 1, 10, 10, :16] = 1.0
    presence = crop(np.zeros(WORKING_SHAPE, np.int16), maps)["presence"]
    np.testing.assert_allclose(presence, [0.75, 0.5, 0.0], atol=1e-6)


def test_a_faint_false_alarm_does_not_move_the_frame() -> None:
    maps = torch.zeros(3, *COARSE_SHAPE)
    maps[:, 40:57, 30:47, 20:37] = 1.0
    maps[1, 90, 90, 90] = 0.29  # under the threshold
    maps[2, 90, 90, 90] = 1.0  # one voxel of 4913 is under the quantile
    centres = frame_centres(maps)
    np.testing.assert_allclose(centres[0], [0.5, -9.5, -19.5], atol=1e-3)
    np.testing.assert_allclose(centres[1], centres[0], atol=1e-3)
    np.testing.assert_allclose(centres[2], centres[0], atol=0.01)


def test_the_frame_spans_the_quantiles_of_a_long_vessel() -> None:
    maps = torch.zeros(3, *COARSE_SHAPE)
    maps[:, 10:60, 48, 48] = 1.0  # 50 voxels of equal mass: quantiles at 10 + 1 and 60 - 1
    np.testing.assert_allclose(frame_centres(maps)[0], [35 - 48, 0.5, 0.5], atol=1e-3)


@pytest.mark.parametrize(("edge", "corner"), [(slice(0, 3), 0), (slice(93, 96), 64)])
def test_a_frame_at_the_edge_stays_inside_the_working_grid(edge: slice, corner: int) -> None:
    maps = np.zeros((1, 3, *COARSE_SHAPE), np.float32)
    maps[:, :, edge, edge, edge] = 1.0
    found = crop(np.full(WORKING_SHAPE, 500, np.int16), maps)["crop_origin"]
    np.testing.assert_allclose(found, np.tile(ORIGIN + corner * WORKING_SPACING_MM, (3, 1)), atol=1e-3)
