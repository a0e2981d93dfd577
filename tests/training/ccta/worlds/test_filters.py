from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scipy import ndimage  # noqa: E402

from scanserve.training.ccta.worlds.filters import TRUNCATE, gaussian, stretched  # noqa: E402

pytestmark = pytest.mark.torch


def test_it_is_the_filter_of_scipy() -> None:
    image = np.random.default_rng(0).standard_normal((12, 13, 14)).astype(np.float32)
    sigma = (1.3, 0.8, 1.1)
    expected = ndimage.gaussian_filter(image, sigma, mode="nearest", truncate=TRUNCATE)
    np.testing.assert_allclose(gaussian(torch.from_numpy(image), sigma).numpy(), expected, atol=1e-5)


def test_a_width_of_zero_changes_nothing() -> None:
    image = torch.arange(27.0).reshape(3, 3, 3)
    assert torch.equal(gaussian(image, (0, 0, 0)), image)


def test_a_lattice_keeps_its_corners() -> None:
    knots = torch.arange(8.0).reshape(2, 2, 2)
    grid = stretched(knots, (5, 5, 5))
    assert (float(grid[0, 0, 0]), float(grid[4, 4, 4]), float(grid[2, 2, 2])) == (0, 7, 3.5)
