from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts.ccta import COARSE_SHAPE, COARSE_SPACING_MM, NORMALIZE  # noqa: E402
from scanserve.networks.ccta import Normalize  # noqa: E402
from tests.support import reference_graphs as reference  # noqa: E402

pytestmark = pytest.mark.torch


def normalize(volume: np.ndarray, spacing_xyz: tuple[float, float, float]) -> np.ndarray:
    spacing = torch.tensor(spacing_xyz, dtype=torch.float32)
    with torch.inference_mode():
        coarse = Normalize()(torch.from_numpy(volume), spacing).numpy()
    NORMALIZE.outputs[0].validate(coarse)
    return coarse[0, 0]


@pytest.mark.parametrize(
    ("shape", "spacing_xyz"),
    [((40, 50, 60), (0.7, 0.9, 1.3)), ((31, 20, 45), (3.0, 2.5, 5.0)), ((1, 8, 9), (1.0, 1.0, 1.0))],
)
def test_equals_the_plain_definition(
    shape: tuple[int, int, int], spacing_xyz: tuple[float, float, float]
) -> None:
    volume = np.random.default_rng(0).integers(-1024, 1200, shape).astype(np.int16)
    spacing = np.array(spacing_xyz[::-1])
    first = (np.array(shape) - 1) / 2 * spacing - (np.array(COARSE_SHAPE) - 1) / 2 * COARSE_SPACING_MM
    expected = reference.resample_hu(volume, spacing, first, COARSE_SPACING_MM, COARSE_SHAPE)
    np.testing.assert_allclose(normalize(volume, spacing_xyz), expected, atol=2e-4)


def test_a_uniform_volume_stays_uniform_up_to_its_edge() -> None:
    coarse = normalize(np.full((50, 50, 50), 250, np.int16), (1.0, 1.0, 1.0))
    inside = coarse[48 - 12 : 48 + 12, 48 - 12 : 48 + 12, 48 - 12 : 48 + 12]
    np.testing.assert_allclose(inside, 0.0, atol=1e-5)
    assert coarse[0].max() == coarse[:, 0].max() == coarse[:, :, 95].max() == -1.0


def test_fine_noise_is_averaged_away() -> None:
    rng = np.random.default_rng(0)
    volume = rng.normal(250, 200, (64, 64, 64)).astype(np.int16)
    coarse = normalize(volume, (0.5, 0.5, 0.5))
    assert coarse[44:52, 44:52, 44:52].std() * 600 < 200 / 8


def test_brighter_toward_the_left_stays_so() -> None:
    volume = np.broadcast_to((np.arange(64) * 10 - 300).astype(np.int16), (64, 64, 64)).copy()
    middle = normalize(volume, (2.0, 2.0, 2.0))[48, 48]
    assert (np.diff(middle[18:78]) > 0).all()
