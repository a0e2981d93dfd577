from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts.ccta import (  # noqa: E402
    COARSE_SHAPE,
    HU_HIGH,
    HU_LOW,
    NORMALIZE,
    WORKING_SHAPE,
    WORKING_SPACING_MM,
)
from scanserve.contracts.ct import AIR_HU  # noqa: E402
from scanserve.networks.ccta import Normalize  # noqa: E402
from tests.support import reference_graphs as reference  # noqa: E402

pytestmark = pytest.mark.torch

ORIGIN = (-50.0, 20.0, 300.0)  # (x, y, z)


def normalize(
    volume: np.ndarray, spacing_xyz: tuple[float, float, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    with torch.inference_mode():
        results = Normalize()(torch.from_numpy(volume), torch.tensor(spacing_xyz), torch.tensor(ORIGIN))
    arrays = tuple(result.numpy() for result in results)
    for spec, array in zip(NORMALIZE.outputs, arrays, strict=True):
        spec.validate(array)
    return arrays


@pytest.mark.parametrize(
    ("shape", "spacing_xyz"),
    [((40, 50, 60), (0.7, 0.9, 1.3)), ((31, 20, 45), (3.0, 2.5, 5.0)), ((1, 8, 9), (1.0, 1.0, 1.0))],
)
def test_the_working_volume_equals_the_plain_definition(
    shape: tuple[int, int, int], spacing_xyz: tuple[float, float, float]
) -> None:
    volume = np.random.default_rng(0).integers(-1024, 1200, shape).astype(np.int16)
    spacing = np.array(spacing_xyz[::-1])
    working, origin, _ = normalize(volume, spacing_xyz)
    first = (origin - np.array(ORIGIN))[::-1]
    expected = reference.resample_hu(volume, spacing, first, WORKING_SPACING_MM, WORKING_SHAPE)
    np.testing.assert_allclose(working, expected, atol=0.6)  # half a HU of rounding


def test_the_working_grid_is_centred_on_the_volume() -> None:
    _, origin, _ = normalize(np.zeros((31, 20, 45), np.int16), (3.0, 2.5, 5.0))
    middle = np.array(ORIGIN) + np.array([44, 19, 30]) / 2 * np.array([3.0, 2.5, 5.0])
    half = (np.array(WORKING_SHAPE[::-1]) - 1) / 2 * WORKING_SPACING_MM
    np.testing.assert_allclose(origin, middle - half, atol=1e-3)


def test_the_coarse_image_is_the_windowed_mean_of_blocks() -> None:
    volume = np.random.default_rng(1).integers(-1024, 1200, (40, 50, 60)).astype(np.int16)
    working, _, coarse = normalize(volume, (1.1, 0.9, 1.3))
    z, y, x = COARSE_SHAPE
    means = working.astype(float).reshape(z, 2, y, 2, x, 2).mean(axis=(1, 3, 5))
    expected = (np.clip(means, HU_LOW, HU_HIGH) - HU_LOW) / (HU_HIGH - HU_LOW) * 2 - 1
    np.testing.assert_allclose(coarse[0, 0], expected, atol=2e-3)


def test_a_uniform_volume_stays_uniform_up_to_its_edge() -> None:
    working, *_ = normalize(np.full((50, 50, 50), 250, np.int16), (0.9, 0.9, 0.9))
    inside = slice(96 - 25, 96 + 25)
    assert (working[inside, inside, inside] == 250).all()
    assert (np.delete(working, np.r_[inside], axis=1) == AIR_HU).all()


def test_fine_noise_is_averaged_away() -> None:
    rng = np.random.default_rng(0)
    volume = rng.normal(250, 200, (128, 128, 128)).astype(np.int16)
    working, *_ = normalize(volume, (0.3, 0.3, 0.3))
    assert working[80:112, 80:112, 80:112].std() < 200 / 8


def test_brighter_toward_the_left_stays_so() -> None:
    volume = np.broadcast_to((np.arange(64) * 10 - 300).astype(np.int16), (64, 64, 64)).copy()
    working, *_ = normalize(volume, (2.0, 2.0, 2.0))
    assert (np.diff(working[96, 96, 30:160]) > 0).all()
