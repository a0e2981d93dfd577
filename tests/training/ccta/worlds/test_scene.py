from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.phantoms.ccta import Anatomy  # noqa: E402
from scanserve.training.ccta.seeds import TRAIN  # noqa: E402
from scanserve.training.ccta.worlds.scene import MOMENTS, Tree, joined  # noqa: E402

pytestmark = pytest.mark.torch


def test_a_tree_moves_as_its_patient_does() -> None:
    anatomy = Anatomy.sample(TRAIN.first_seed, TRAIN.ranges)
    tree = joined(anatomy, 50.0)
    assert tree.moved.shape == (MOMENTS, *tree.points.shape)
    assert not tree.moved[MOMENTS // 2].any()
    half = anatomy.window_percent * (MOMENTS - 1) / (2 * MOMENTS)
    first = anatomy.vessels[0]
    moved = first.positions(0, 50 + half)[0] - first.positions(0, 50)[0]
    np.testing.assert_allclose(tree.moved[-1, : len(moved)], moved[:, ::-1], atol=1e-4)
    assert 0.1 < np.linalg.norm(tree.moved, axis=2).max() < 20


def test_a_tree_keeps_its_shape_wherever_it_is() -> None:
    points = np.array([[0.0, 0.0, 0.0], [4.0, 2.0, 0.0]])
    tree = Tree.still(points, np.ones(2), np.array([0, 2]))
    np.testing.assert_array_equal(tree.centred().points, [[-2, -1, 0], [2, 1, 0]])
    np.testing.assert_array_equal(tree.about(np.array([1.0, 0.0, 0.0])).points, points - [1, 0, 0])
    part = tree.part(tree.vessel == 2)
    assert part.points.tolist() == [[4.0, 2.0, 0.0]]
    assert part.moved.shape == (1, 1, 3)
