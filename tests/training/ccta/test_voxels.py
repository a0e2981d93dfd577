from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

pytest.importorskip("torch")
from scanserve.training.ccta.voxels import grain, through_voxels

pytestmark = pytest.mark.torch

SPACING = (0.4, 0.5, 0.9)


def _points(count: int = 500) -> npt.NDArray:
    return np.random.default_rng(5).uniform(-20, 30, (count, 3))


def test_what_is_linear_in_space_is_not_changed() -> None:
    slope = np.array([3.0, -2.0, 0.7])
    points = _points().reshape(5, 100, 3)
    found = through_voxels(lambda voxels: (voxels * SPACING) @ slope + 7, points, SPACING)
    np.testing.assert_allclose(found, points @ slope + 7, atol=1e-3)


def test_the_centre_of_a_voxel_has_its_own_value() -> None:
    voxels = np.random.default_rng(1).integers(-30, 30, (50, 3))
    found = through_voxels(
        lambda v: 9.0 * v[:, 0] + v[:, 1] ** 2 - v[:, 2] ** 3 / 100, voxels * SPACING, SPACING
    )
    x, y, z = voxels.T
    np.testing.assert_allclose(found, 9.0 * x + y**2 - z**3 / 100, atol=1e-2)


def test_what_is_curved_is_raised_by_what_the_spacing_allows() -> None:
    # The chord of a parabola z**2 lies above it by up to (spacing / 2)**2, and by two thirds of that on average.
    points = _points(20_000)
    above = through_voxels(lambda v: (v[:, 2] * 0.9) ** 2, points, SPACING) - points[:, 2] ** 2
    assert above.min() > -1e-3
    assert above.max() == pytest.approx(0.45**2, rel=0.01)
    assert above.mean() == pytest.approx(0.9**2 / 6, rel=0.02)


def test_only_voxels_beside_a_point_are_asked_for() -> None:
    asked = []

    def field(voxels: npt.NDArray) -> npt.NDArray:
        asked.append(voxels)
        return np.zeros(len(voxels))

    through_voxels(field, np.array([[0.2, 0.2, 0.2], [40.2, 0.2, 0.2]]), (1.0, 1.0, 1.0))
    (voxels,) = asked
    assert len(voxels) == 16
    assert sorted(np.unique(voxels[:, 0])) == [0, 1, 40, 41]


@pytest.mark.parametrize("correlation", [0.0, 0.5, 1.6])
def test_noise_in_voxels_has_a_standard_deviation_of_1_hu(correlation: float) -> None:
    noise = grain(np.random.default_rng(2), correlation)
    assert noise(np.random.default_rng(3).integers(-500, 500, (40_000, 3))).std() == pytest.approx(
        1, rel=0.05
    )


def test_noise_between_white_voxels_is_weaker_by_the_squares_of_their_shares() -> None:
    # In the middle of eight independent voxels, each counts an eighth: the variance is an eighth of theirs.
    noise = grain(np.random.default_rng(2), 0.0)
    points = (np.random.default_rng(3).integers(-60, 60, (40_000, 3)) + 0.5) * SPACING
    assert through_voxels(noise, points, SPACING).std() == pytest.approx(8**-0.5, rel=0.05)
