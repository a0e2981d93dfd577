from __future__ import annotations

from collections import Counter

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from scanserve.contracts.spine import IMAGE_SHAPE, MAP_SHAPE, POINTS  # noqa: E402
from scanserve.networks.spine import build  # noqa: E402
from scanserve.training.spine.loss import Interactive, interactive_loss  # noqa: E402
from scanserve.training.spine.morphology import steady  # noqa: E402

pytestmark = pytest.mark.torch


class Recorder(nn.Module):
    """Sees what each pass is given."""

    def __init__(self) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.full((POINTS, 1, 1), -5.0))
        self.hints: list[int] = []
        self.previous: list[int] = []

    def forward(self, image: torch.Tensor, hints: torch.Tensor, previous: torch.Tensor) -> torch.Tensor:
        self.hints.append(int((hints.amax(dim=(2, 3)) > 0.5).sum()))
        self.previous.append(int((previous.amax(dim=(2, 3)) > 0.5).sum()))
        return self.bias.expand(len(image), POINTS, *MAP_SHAPE)


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    places = torch.rand((1, POINTS, 2), generator=torch.Generator().manual_seed(0)) * 200 + 20
    return torch.rand(1, 1, *IMAGE_SHAPE), torch.cat((places, torch.ones(1, POINTS, 1)), dim=-1)


def passes(seed: int, **settings: bool) -> Recorder:
    recorder = Recorder()
    interactive_loss(recorder, *batch(), torch.Generator().manual_seed(seed), Interactive(**settings))
    return recorder


def test_up_to_two_passes_add_the_worst_point_each() -> None:
    runs = [passes(seed) for seed in range(30)]
    assert set(Counter(len(run.hints) for run in runs)) == {1, 2, 3}
    for run in runs:
        assert [after - before for before, after in zip(run.hints, run.hints[1:], strict=False)] == [1] * (
            len(run.hints) - 1
        )
        assert run.previous == list(range(len(run.hints)))


def test_without_first_hints_the_first_pass_has_none() -> None:
    assert all(passes(seed, hints_first=False).hints[0] == 0 for seed in range(10))
    assert any(passes(seed).hints[0] > 0 for seed in range(10))


@pytest.mark.parametrize("model", ["spine_unet", "spine_hrnet"])
def test_every_term_is_finite_and_the_total_has_gradients(model: str) -> None:
    torch.manual_seed(0)
    network = build(model, {"width": 4, "gate": 1}).train()
    image, points = batch()
    morphology = steady(points[..., :2].numpy() + torch.rand(8, POINTS, 2).numpy())
    terms = interactive_loss(
        network,
        image.expand(2, -1, -1, -1),
        points.expand(2, -1, -1),
        torch.Generator().manual_seed(1),
        Interactive(morphology=morphology),
    )
    assert set(terms) == {"maps", "morphology", "total"}
    assert all(torch.isfinite(value) for value in terms.values())
    terms["total"].backward()
    assert all(value.grad is not None for value in network.parameters())


def test_the_network_trains_on_after_passes_without_gradient() -> None:
    network = build("spine_unet", {"width": 4, "gate": 1}).train()
    interactive_loss(
        network,
        *[x.expand(2, *x.shape[1:]) for x in batch()],
        torch.Generator().manual_seed(0),
        Interactive(),
    )
    assert network.training
