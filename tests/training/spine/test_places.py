from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
from scanserve.networks.spine import decode, draw  # noqa: E402
from scanserve.training.spine.places import REACH_PX, edges_loss, places_loss  # noqa: E402

pytestmark = pytest.mark.torch


def truth() -> torch.Tensor:
    """Two edges of 20 px, one above the other."""
    places = torch.tensor([[[100.0, 60], [120, 60], [100, 80], [120, 80]]])
    return torch.cat((places, torch.ones(1, 4, 1)), dim=-1)


def moved(*shifts: tuple[float, float]) -> torch.Tensor:
    return truth()[..., :2] + torch.tensor([shifts])


def test_the_truth_costs_next_to_nothing() -> None:
    found = truth()[..., :2]
    assert float(places_loss(found, truth())) == pytest.approx(0, abs=0.11)
    assert float(edges_loss(found, truth())) == pytest.approx(0, abs=0.11)


def test_a_place_costs_its_distance() -> None:
    found = moved((3, 4), (0, 0), (0, 0), (0, 0))
    assert float(places_loss(found, truth())) == pytest.approx(5 / 4, abs=0.11)


def test_an_edge_costs_its_turn_and_its_length_but_no_shift() -> None:
    shifted = moved((3, 4), (3, 4), (0, 0), (0, 0))
    assert float(edges_loss(shifted, truth())) == pytest.approx(0, abs=0.11)
    turned = moved((0, -3), (0, 3), (0, 0), (0, 0))
    assert float(edges_loss(turned, truth())) == pytest.approx(6 / 2, abs=0.11)
    longer = moved((0, 0), (8, 0), (0, 0), (0, 0))
    assert float(edges_loss(longer, truth())) == pytest.approx(8 / 2, abs=0.11)


@pytest.mark.parametrize("loss", [places_loss, edges_loss])
def test_what_is_out_of_reach_or_not_in_the_film_costs_nothing(loss) -> None:
    far = moved((0, REACH_PX + 1), (0, 0), (0, 0), (0, 0))
    hidden, points = moved((0, 9), (0, 0), (0, 0), (0, 0)), truth()
    points[0, 0, 2] = 0
    assert float(loss(far, truth())) == pytest.approx(0, abs=0.11)
    assert float(loss(hidden, points)) == pytest.approx(0, abs=0.11)
    points[..., 2] = 0
    assert float(loss(hidden, points)) == 0


@pytest.mark.parametrize("loss", [places_loss, edges_loss])
def test_descending_moves_a_decoded_peak_to_its_place(loss) -> None:
    """The peak lies 6 px beside the truth; the loss alone moves it, through the points as they are served."""
    points, beside = truth(), truth()
    beside[0, 0, 0] -= 6
    logits = torch.logit(draw(beside).clamp(1e-3, 1 - 1e-3)).requires_grad_()
    optimizer = torch.optim.Adam([logits], lr=0.1)
    costs = []
    for _ in range(30):
        cost = loss(decode(torch.sigmoid(logits))[0], points)
        costs.append(float(cost.detach()))
        optimizer.zero_grad()
        cost.backward()
        optimizer.step()
    assert costs[-1] < costs[0] / 2
    assert torch.isfinite(logits).all()
