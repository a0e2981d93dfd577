from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from scanserve.contracts.spine import IMAGE_SHAPE, MAP_SHAPE, POINTS  # noqa: E402
from scanserve.networks.spine import build  # noqa: E402
from scanserve.training.spine.loss import Interactive, interactive_loss  # noqa: E402
from scanserve.training.spine.morphology import Morphology, steady  # noqa: E402

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


@cache
def some_steady() -> Morphology:
    return steady(batch()[1][..., :2].numpy() + torch.rand(8, POINTS, 2).numpy())


def passes(seed: int, hints_first: bool = True) -> Recorder:
    recorder, settings = Recorder(), Interactive(hints_first, places=0, edges=0, morphology=0)
    interactive_loss(recorder, *batch(), torch.Generator().manual_seed(seed), some_steady(), settings)
    return recorder


@pytest.fixture(scope="module")
def runs() -> list[Recorder]:
    return [passes(seed) for seed in range(40)]


def test_up_to_two_passes_add_the_worst_point_each(runs: list[Recorder]) -> None:
    assert set(Counter(len(run.hints) for run in runs)) == {1, 2, 3}
    for run in runs:
        assert [after - before for before, after in zip(run.hints, run.hints[1:], strict=False)] == [1] * (
            len(run.hints) - 1
        )
        assert run.previous == list(range(len(run.hints)))


def test_half_of_the_steps_have_no_pass_without_gradient(runs: list[Recorder]) -> None:
    counts = Counter(len(run.hints) for run in runs)
    assert 12 < counts[1] < 28
    assert min(counts[2], counts[3]) > 3


def test_without_first_hints_the_first_pass_has_none(runs: list[Recorder]) -> None:
    assert all(passes(seed, hints_first=False).hints[0] == 0 for seed in range(10))
    assert any(run.hints[0] > 0 for run in runs)


def terms_of(model: str, settings: Interactive) -> tuple[nn.Module, dict[str, torch.Tensor]]:
    torch.manual_seed(0)
    network = build(model, {"width": 4, "gate": 1}).train()
    two = [values.expand(2, *values.shape[1:]) for values in batch()]
    return network, interactive_loss(network, *two, torch.Generator().manual_seed(1), some_steady(), settings)


@pytest.mark.parametrize("model", ["spine_unet", "spine_hrnet"])
def test_every_term_is_finite_and_the_total_has_gradients(model: str) -> None:
    network, terms = terms_of(model, Interactive())
    assert set(terms) == {"maps", "places", "edges", "morphology", "total"}
    assert all(torch.isfinite(value) for value in terms.values())
    terms["total"].backward()
    assert all(value.grad is not None for value in network.parameters())


def test_the_total_is_the_sum_of_the_terms_with_their_factors() -> None:
    _, terms = terms_of("spine_unet", Interactive(places=2.0, edges=3.0, morphology=4.0))
    whole = 100 * terms["maps"] + 2 * terms["places"] + 3 * terms["edges"] + 4 * terms["morphology"]
    torch.testing.assert_close(terms["total"], whole)


@pytest.mark.parametrize("name", ["places", "edges", "morphology"])
def test_a_term_without_a_factor_is_left_out(name: str) -> None:
    _, terms = terms_of("spine_unet", Interactive(**{name: 0.0}))
    assert set(terms) == {"maps", "places", "edges", "morphology", "total"} - {name}


def test_the_network_trains_on_after_passes_without_gradient() -> None:
    network, _ = terms_of("spine_unet", Interactive())
    assert network.training
