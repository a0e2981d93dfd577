from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts.spine import IMAGE_SHAPE, MAP_SHAPE, NETWORKS, POINTS  # noqa: E402
from scanserve.networks.spine import CONFIGS, build, read  # noqa: E402

pytestmark = pytest.mark.torch

#: The most that one network may ship, in FP32.
MOST_BYTES = 16e6


def small(model: str, **changes: int) -> torch.nn.Module:
    torch.manual_seed(0)
    return build(model, {**CONFIGS[model], "width": 4, **changes}).eval()


def nothing(count: int) -> torch.Tensor:
    return torch.zeros(count, POINTS, 3)


def test_every_model_has_a_network() -> None:
    assert set(CONFIGS) == set(NETWORKS)


@pytest.mark.parametrize("model", CONFIGS)
def test_networks_are_sized_for_what_ships(model: str) -> None:
    network = build(model, CONFIGS[model])
    assert sum(tensor.nbytes for tensor in network.state_dict().values()) < MOST_BYTES


@pytest.mark.parametrize("gate", [0, 1])
@pytest.mark.parametrize("model", CONFIGS)
def test_logits_have_the_shape_of_the_maps_with_and_without_the_gate(model: str, gate: int) -> None:
    network = small(model, gate=gate)
    with torch.inference_mode():
        found = read(network, torch.rand(2, 1, *IMAGE_SHAPE), nothing(2), nothing(2))
    assert [tuple(logits.shape) for logits in found] == [(2, POINTS, *MAP_SHAPE)] * len(found)
    assert len(found) == (2 if model == "spine_hrnet" else 1)
    assert (network.gate is None) == (gate == 0)


@pytest.mark.parametrize("model", CONFIGS)
def test_films_of_a_batch_do_not_see_each_other(model: str) -> None:
    network, image = small(model), torch.rand(2, 1, *IMAGE_SHAPE)
    with torch.inference_mode():
        both, one = (read(network, x, nothing(len(x)), nothing(len(x)))[0] for x in (image, image[:1]))
    torch.testing.assert_close(both[:1], one, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("model", CONFIGS)
def test_every_weight_learns(model: str) -> None:
    network = small(model).train()
    hints = nothing(2)
    hints[:, 5] = torch.tensor([100.0, 200.0, 1.0])
    found = read(network, torch.rand(2, 1, *IMAGE_SHAPE), hints, hints)
    sum(logits.square().mean() for logits in found).backward()
    lacking = [name for name, value in network.named_parameters() if value.grad is None]
    assert not lacking
