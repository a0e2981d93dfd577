"""Edges that lean too far from the perpendicular of the spine are turned back, around their middles."""

from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch")

from scanserve.contracts.spine import POINTS, VERTEBRAE  # noqa: E402
from scanserve.networks.spine.edges import MOST_LEAN, STRETCH, turned  # noqa: E402

pytestmark = pytest.mark.torch
FREE = torch.zeros(1, POINTS, 1)
LEVELS = len(VERTEBRAE)


def stack(tilts: torch.Tensor) -> torch.Tensor:
    """A straight spine ``[1, K, 2]`` whose edges ``[E]`` have these tilts, radians."""
    half = 16 * torch.stack((torch.cos(tilts), torch.sin(tilts)), dim=-1)
    rows = torch.arange(LEVELS).repeat_interleave(2) * 26.0 + torch.tensor([0.0, 18.0]).repeat(LEVELS) + 20
    middle = torch.stack((torch.full_like(rows, 128.0), rows), dim=-1)
    return torch.stack((middle - half, middle + half), dim=1).reshape(1, POINTS, 2)


def tilts(points: torch.Tensor) -> torch.Tensor:
    along = points[0, 1::2] - points[0, ::2]
    return torch.atan2(along[:, 1], along[:, 0])


def test_edges_as_the_spine_says_stay() -> None:
    points = stack(torch.zeros(2 * LEVELS))
    assert (turned(points, FREE) - points).abs().max() < 1e-3


def test_an_edge_that_leans_a_little_stays_but_for_the_stretch() -> None:
    wrong = torch.zeros(2 * LEVELS)
    wrong[14] = 0.1
    found = turned(stack(wrong), FREE)
    assert tilts(found)[14] == pytest.approx(0.1 * (1 + STRETCH), abs=0.001)


def test_an_edge_that_leans_too_far_is_turned_around_its_middle() -> None:
    wrong = torch.zeros(2 * LEVELS)
    wrong[14] = 0.6
    points = stack(wrong)
    found = turned(points, FREE)
    change = found[0] - points[0]
    assert tilts(found)[14] == pytest.approx(math.asin(MOST_LEAN) * (1 + STRETCH), abs=0.004)
    assert (change[28] + change[29]).abs().max() < 1e-3
    assert change[:28].abs().max() < 0.15
    assert (found[0, 28] - found[0, 29]).norm() == pytest.approx(32, abs=1e-3)


def test_an_edge_with_a_fixed_corner_stays() -> None:
    wrong = torch.zeros(2 * LEVELS)
    wrong[14:16] = 0.6
    points, fixed = stack(wrong), FREE.clone()
    fixed[0, 28] = 1
    found = turned(points, fixed)
    assert (found[0, 28:30] - points[0, 28:30]).abs().max() < 1e-3
    assert (found[0, 30:32] - points[0, 30:32]).abs().max() > 1


def test_edges_out_of_order_are_not_turned_by_their_neighbours() -> None:
    points = stack(torch.zeros(2 * LEVELS))
    points[0, 24:28], points[0, 32:36] = points[0, 32:36].clone(), points[0, 24:28].clone()
    assert tilts(turned(points, FREE)).abs().max() < 0.01
    wrong = torch.zeros(2 * LEVELS)
    wrong[14] = 1.2
    assert tilts(turned(stack(wrong), FREE))[14] > 1.15


def test_a_turned_film_gives_turned_points() -> None:
    generator = torch.Generator().manual_seed(1)
    points = stack(0.1 * torch.randn(2 * LEVELS, generator=generator))
    turn = torch.tensor([[0.966, -0.2588], [0.2588, 0.966]])
    assert (turned(points @ turn.T, FREE) - turned(points, FREE) @ turn.T).abs().max() < 0.01


def test_a_mirrored_film_gives_mirrored_points() -> None:
    points = stack(0.1 * torch.randn(2 * LEVELS, generator=torch.Generator().manual_seed(2)))
    swapped = points.unflatten(1, (-1, 2)).flip(2).flatten(1, 2) * torch.tensor([-1.0, 1.0])
    found = turned(points, FREE).unflatten(1, (-1, 2)).flip(2).flatten(1, 2) * torch.tensor([-1.0, 1.0])
    assert (turned(swapped, FREE) - found).abs().max() < 1e-3


def test_points_without_a_place_stay_finite() -> None:
    assert torch.isfinite(turned(torch.full((1, POINTS, 2), 1.5), FREE)).all()
