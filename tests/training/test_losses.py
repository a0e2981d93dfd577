from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch")
from scanserve.training.losses import l1_masked_bce, pairwise_margin, ranknet, soft_cross_entropy  # noqa: E402

pytestmark = pytest.mark.torch


def test_a_perfect_map_has_a_lower_loss_than_any_other() -> None:
    target = torch.zeros(1, 1, 8, 8, 8)
    target[0, 0, 4, 4, 2:6] = 1.0
    perfect = torch.where(target > 0, 12.0, -12.0)
    empty = torch.full_like(perfect, -12.0)
    everywhere = torch.full_like(perfect, 12.0)
    best = l1_masked_bce(perfect, target)["total"]
    assert best < 1e-3
    assert l1_masked_bce(empty, target)["total"] > 1.0
    assert l1_masked_bce(everywhere, target)["total"] > 1.0


def test_mask_leaves_out_easy_background() -> None:
    target = torch.zeros(1, 1, 4, 4, 4)
    quiet = torch.full_like(target, -8.0)
    assert l1_masked_bce(quiet, target)["bce"] == 0


def test_soft_cross_entropy_of_a_uniform_guess_is_log_classes() -> None:
    logits = torch.zeros(2, 4)
    target = torch.eye(4)[:2]
    assert soft_cross_entropy(logits, target).item() == pytest.approx(math.log(4))


def test_soft_cross_entropy_weights_sections() -> None:
    logits = torch.zeros(1, 2, 3)
    logits[0, 0, 2] = 100.0
    target = torch.zeros(1, 2, 3)
    target[:, 1] = 1.0
    weight = torch.tensor([[1.0, 1.0, 0.0]])
    assert soft_cross_entropy(logits, target, weight).item() == pytest.approx(math.log(2))


@pytest.mark.parametrize("loss", [pairwise_margin, ranknet])
def test_ranking_losses_prefer_the_true_order(loss) -> None:
    blur = torch.tensor([[0.2, 1.0, 3.0]])
    right = loss(torch.tensor([[3.0, 0.0, -3.0]]), blur)
    wrong = loss(torch.tensor([[-3.0, 0.0, 3.0]]), blur)
    assert right < 0.1 < wrong


@pytest.mark.parametrize("loss", [pairwise_margin, ranknet])
def test_equal_phases_cost_nothing(loss) -> None:
    assert loss(torch.tensor([[1.0, -1.0]]), torch.tensor([[0.5, 0.5]])).item() == 0


def test_ranknet_is_log_two_without_an_opinion() -> None:
    assert ranknet(torch.zeros(1, 2), torch.tensor([[0.0, 1.0]])).item() == pytest.approx(math.log(2))
