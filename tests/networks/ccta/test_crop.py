from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

torch = pytest.importorskip("torch")
from scanserve.contracts.ccta import COARSE_SHAPE, COARSE_SPACING_MM, CROP, CROP_SHAPE, CROP_SPACING_MM  # noqa: E402
from scanserve.networks.ccta import Crop  # noqa: E402
from scanserve.networks.ccta.crop import frame_centres  # noqa: E402
from tests.support import reference_graphs as reference  # noqa: E402

pytestmark = pytest.mark.torch


SPACING, ORIGIN = (1.3, 0.8, 1.1), (-50.0, 20.0, 300.0)  # x, y, z
SHAPE = (60, 80, 70)  # z, y, x


def blob(shape: tuple[int, ...], centre: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    axes = np.meshgrid(*map(np.arange, shape), indexing="ij", sparse=True)
    squared = sum(((a - c) / s) ** 2 for a, c, s in zip(axes, centre, sigma, strict=True))
    return np.exp(-squared / 2)


def crop(volume: np.ndarray, maps: np.ndarray) -> dict[str, np.ndarray]:
    with torch.inference_mode():
        results = Crop()(
            torch.from_numpy(volume), torch.tensor(SPACING), torch.tensor(ORIGIN), torch.from_numpy(maps)
        )
    for spec, result in zip(CROP.outputs, results, strict=True):
        spec.validate(result.numpy())
    return {spec.name: result.numpy() for spec, result in zip(CROP.outputs, results, strict=True)}


def volume_middle() -> np.ndarray:
    """LPS mm (x, y, z) of the centre of the volume."""
    return np.array(ORIGIN) + (np.array(SHAPE[::-1]) - 1) / 2 * np.array(SPACING)


def coarse_index(point: np.ndarray) -> np.ndarray:
    """LPS mm (x, y, z) to the index (z, y, x) on the coarse grid."""
    return (point - volume_middle())[::-1] / COARSE_SPACING_MM + (np.array(COARSE_SHAPE) - 1) / 2


#: One point per vessel, off the centre in every axis.
POINTS = np.array([[-20.0, 45.0, 325.0], [12.0, 60.0, 345.0], [-30.0, 30.0, 310.0]])


@pytest.fixture(scope="module")
def served() -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    bright = np.zeros(SHAPE)
    maps = np.zeros((1, 3, *COARSE_SHAPE), np.float32)
    for vessel, point in enumerate(POINTS):
        index = ((point - np.array(ORIGIN)) / np.array(SPACING))[::-1]
        bright += blob(SHAPE, index, 3.0 / np.array(SPACING[::-1]))
        maps[0, vessel] = blob(COARSE_SHAPE, coarse_index(point), np.full(3, 3.0))
    volume = (bright * 800 - 300).astype(np.int16)
    return volume, maps, crop(volume, maps)


@pytest.mark.parametrize("vessel", [0, 1, 2])
def test_a_bright_blob_is_found_at_its_own_millimetres(served: tuple, vessel: int) -> None:
    *_, result = served
    origin, point = result["crop_origin"][vessel], POINTS[vessel]
    expected = (point - origin)[::-1] / CROP_SPACING_MM
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
    np.testing.assert_allclose(centre, POINTS, atol=0.1)
    np.testing.assert_allclose(result["crop_spacing"], CROP_SPACING_MM)


def test_the_image_equals_the_plain_definition(served: tuple) -> None:
    volume, _, result = served
    for vessel in range(3):
        first = (result["crop_origin"][vessel] - np.array(ORIGIN))[::-1]
        expected = reference.resample_hu(volume, np.array(SPACING[::-1]), first, CROP_SPACING_MM, CROP_SHAPE)
        np.testing.assert_allclose(result["crops"][vessel, 0], expected, atol=2e-3)


def test_the_map_equals_linear_interpolation(served: tuple) -> None:
    _, maps, result = served
    for vessel in range(3):
        first = coarse_index(result["crop_origin"][vessel])
        axes = [first[a] + CROP_SPACING_MM / COARSE_SPACING_MM * np.arange(CROP_SHAPE[a]) for a in range(3)]
        points = np.meshgrid(*axes, indexing="ij")
        expected = map_coordinates(maps[0, vessel], points, order=1, mode="constant")
        np.testing.assert_allclose(result["crops"][vessel, 1], expected, atol=1e-4)


def test_an_empty_map_gives_the_centre_of_the_volume_and_no_presence() -> None:
    result = crop(np.zeros(SHAPE, np.int16), np.zeros((1, 3, *COARSE_SHAPE), np.float32))
    centre = result["crop_origin"] + (np.array(CROP_SHAPE) - 1) / 2 * CROP_SPACING_MM
    np.testing.assert_allclose(centre, np.tile(volume_middle(), (3, 1)), atol=1e-3)
    assert (result["presence"] == 0).all()


def test_presence_is_the_mean_of_the_32_highest() -> None:
    maps = np.zeros((1, 3, *COARSE_SHAPE), np.float32)
    maps[0, 0, 10, 10, :32] = 0.75
    maps[0, 1, 10, 10, :16] = 1.0
    presence = crop(np.zeros((4, 4, 4), np.int16), maps)["presence"]
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


def test_a_frame_beyond_the_volume_is_filled_with_air() -> None:
    maps = np.zeros((1, 3, *COARSE_SHAPE), np.float32)
    maps[:, :, 0:3, 0:3, 0:3] = 1.0  # 95 mm from the middle of a volume of 4 mm
    crops = crop(np.full((4, 4, 4), 500, np.int16), maps)["crops"]
    np.testing.assert_allclose(crops[:, 0], -1.0, atol=1e-6)
