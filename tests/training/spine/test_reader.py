from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
from scanserve.training.spine.reader import JITTER_PX, SHARES, add_worst, first_hints, least_likely  # noqa: E402

pytestmark = pytest.mark.torch


def truth(count: int) -> torch.Tensor:
    places = torch.rand((count, 68, 2), generator=torch.Generator().manual_seed(0)) * 200 + 20
    return torch.cat((places, torch.ones(count, 68, 1)), dim=-1)


def test_most_films_have_no_first_hint_and_few_have_many() -> None:
    assert sum(SHARES) == pytest.approx(1)
    hints = first_hints(truth(4000), torch.Generator().manual_seed(1))
    numbers = hints[..., 2].sum(dim=1).long()
    shares = [float((numbers == number).float().mean()) for number in range(4)]
    assert shares == pytest.approx([0.6, 0.2, 0.1, 0.05], abs=0.03)


def test_hints_are_near_the_truth_but_for_a_few_on_another_level() -> None:
    points = truth(2000)
    hints = first_hints(points, torch.Generator().manual_seed(1))
    fixed = hints[..., 2] > 0.5
    error = (hints - points)[..., :2].norm(dim=-1)[fixed]
    assert 0.005 < (error > 8 * JITTER_PX).float().mean() < 0.04
    assert not hints[~fixed].any()


def test_points_outside_the_film_are_never_hinted() -> None:
    points = truth(500)
    points[:, ::2, 2] = 0
    hints = first_hints(points, torch.Generator().manual_seed(1))
    assert not hints[:, ::2, 2].any()
    assert hints[:, 1::2, 2].any()


def test_the_worst_point_is_added_with_where_it_was() -> None:
    points = truth(2)
    found = points[..., :2].clone()
    found[0, 7] += 40
    found[1, 9] += 40
    found[1, 11] += 80
    points[1, 11, 2] = 0  # not in the film
    nothing = torch.zeros_like(points)
    hints, previous = add_worst(points, found, nothing, nothing, torch.Generator().manual_seed(4))
    assert [int(row.argmax()) for row in hints[..., 2]] == [7, 9]
    assert hints[..., 2].sum() == 2
    torch.testing.assert_close(previous[0, 7, :2], found[0, 7])
    assert (hints[0, 7, :2] - points[0, 7, :2]).norm() < 8 * JITTER_PX


def test_a_fixed_point_is_not_fixed_again() -> None:
    points = truth(1)
    found = points[..., :2] + torch.arange(68.0).view(1, -1, 1)
    hints = torch.zeros_like(points)
    hints[0, 67, 2] = 1
    assert int(least_likely(points, found, hints)[0].float().argmax()) == 66
    hints[..., 2] = 1
    assert not least_likely(points, found, hints).any()
