from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.training.spine.morphology import CHOSEN, Morphology, morphology_loss, steady  # noqa: E402

pytestmark = pytest.mark.torch

ONE = Morphology(torch.tensor([[0, 1]]), torch.tensor([[0, 1, 2]]))


def square(side: float = 8.0) -> torch.Tensor:
    places = torch.tensor([[[0.0, 0], [side, 0], [side, side], [0, side]]]) + 20
    return torch.cat((places, torch.ones(1, 4, 1)), dim=-1)


def test_the_truth_costs_nothing() -> None:
    points = square()
    assert float(morphology_loss(points[..., :2], points, ONE)) == pytest.approx(0, abs=1e-4)


def test_a_pair_that_is_too_long_costs_its_excess_in_heat_map_pixels() -> None:
    found = square(12.0)[..., :2]
    assert float(morphology_loss(found, square(), ONE)) == pytest.approx(1.0, abs=1e-3)


def test_an_angle_costs_one_minus_the_cosine_of_its_error_at_the_middle_point() -> None:
    points, found = square(), square()[..., :2].clone()
    found[0, 2] = found[0, 1] + torch.tensor([8.0, 0.0])  # from 90 degrees to 180
    assert float(morphology_loss(found, points, ONE)) == pytest.approx(1.0, abs=1e-3)


def test_points_outside_the_film_cost_nothing() -> None:
    points = square()
    points[0, 0, 2] = 0
    assert float(morphology_loss(square(30.0)[..., :2], points, ONE)) == pytest.approx(0, abs=1e-4)


def test_the_steadiest_pairs_are_chosen() -> None:
    """All points jump about, except that two keep their distance and three their angle."""
    rng = np.random.default_rng(0)
    shapes = rng.uniform(0, 100, (60, 68, 2))
    shapes[:, 0, 1], shapes[:, 67, 1] = -10, 110  # one length of spine
    shapes[:, 9] = shapes[:, 8] + [5, 0]
    shapes[:, 10] = shapes[:, 8] + [0, 7]
    found = steady(shapes, 3)
    assert {tuple(pair) for pair in found.pairs.tolist()} == {(8, 9), (8, 10), (9, 10)}
    assert {frozenset(triple) for triple in found.triples.tolist()} == {frozenset((8, 9, 10))}


def test_as_many_are_chosen_as_published() -> None:
    shapes = np.random.default_rng(0).uniform(0, 100, (20, 68, 2))
    found = steady(shapes)
    assert (found.pairs.shape, found.triples.shape) == ((CHOSEN, 2), (CHOSEN, 3))
    assert ((found.pairs[:, 0] // 4 - found.pairs[:, 1] // 4).abs() <= 1).all()
