from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts.ccta import WORKING_SHAPE, WORKING_SPACING_MM  # noqa: E402
from scanserve.training.ccta.worlds.deform import KNOTS, Deformation  # noqa: E402
from scanserve.training.ccta.worlds.frame import MIDDLE  # noqa: E402

pytestmark = pytest.mark.torch

STILL = np.zeros((3, KNOTS, KNOTS, KNOTS), np.float32)
#: A smooth scene at 1 mm: its value at a place is linear in the place.
SIZE = 192
SLOPE = np.array([0.5, -0.25, 1.0])


def scene() -> np.ndarray:
    z, y, x = np.indices((SIZE,) * 3, dtype=np.float32) - (SIZE - 1) / 2
    return np.rint(10 * (SLOPE[0] * z + SLOPE[1] * y + SLOPE[2] * x)).astype(np.int16)


@pytest.mark.parametrize("seed", range(4))
def test_points_go_where_the_image_goes(seed: int) -> None:
    bent = Deformation.sample(np.random.default_rng(seed))
    points = np.random.default_rng(seed).uniform(-45, 45, (200, 3))
    hu, inside = (part.numpy() for part in bent.warp(torch.from_numpy(scene()), np.full(3, (SIZE - 1) / 2)))
    index = np.rint(bent.to_world(points) / WORKING_SPACING_MM + MIDDLE).astype(int)
    seen = ((index >= 0) & (index < WORKING_SHAPE)).all(axis=1)
    assert seen.sum() > 50
    assert inside[tuple(index[seen].T)].all()
    # Half a voxel of rounding along each axis, at a slope of 10 HU per mm, stretched by up to 1.25 and the bending.
    np.testing.assert_allclose(hu[tuple(index[seen].T)], points[seen] @ SLOPE * 10, atol=16)


def test_a_still_deformation_of_scale_one_changes_nothing() -> None:
    still = Deformation(np.eye(3), 1.0, STILL)
    points = np.array([[1.0, -2.0, 3.0]])
    np.testing.assert_allclose(still.to_world(points), points, atol=1e-9)


def test_a_larger_heart_has_its_points_farther_out() -> None:
    larger = Deformation(np.eye(3) / 1.2, 1.2, STILL)
    np.testing.assert_allclose(larger.to_world(np.array([[10.0, 0, 0]])), [[12.0, 0, 0]], atol=1e-9)


def test_moves_turn_and_stretch_with_the_scene() -> None:
    bent = Deformation.sample(np.random.default_rng(3))
    still = Deformation(bent.matrix, bent.scale, STILL)
    points, moves = np.array([[4.0, -7.0, 10.0]]), np.array([[[1.0, 2.0, -0.5]]])
    np.testing.assert_allclose(
        still.turned(moves)[0], still.to_world(points + moves[0]) - still.to_world(points), atol=1e-9
    )
    assert np.linalg.norm(still.turned(moves)) == pytest.approx(bent.scale * np.linalg.norm(moves))
