from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts.dat import IMAGE_SIZE, NETWORKS  # noqa: E402
from scanserve.networks.dat import CONFIGS, build  # noqa: E402

pytestmark = pytest.mark.torch

#: The most that one network may ship, in FP32.
MOST_BYTES = 8e6


def test_every_model_has_a_network() -> None:
    assert set(CONFIGS) == set(NETWORKS)


@pytest.mark.parametrize("model", CONFIGS)
def test_networks_are_sized_for_what_ships(model: str) -> None:
    network = build(model, CONFIGS[model])
    assert sum(tensor.nbytes for tensor in network.state_dict().values()) < MOST_BYTES


@pytest.mark.parametrize("model", CONFIGS)
def test_slices_of_a_batch_do_not_see_each_other(model: str) -> None:
    torch.manual_seed(0)
    network = build(model, {**CONFIGS[model], "width": 4}).eval()
    slices = torch.rand(2, 1, IMAGE_SIZE, IMAGE_SIZE)
    with torch.inference_mode():
        torch.testing.assert_close(network(slices)[:1], network(slices[:1]), rtol=1e-4, atol=1e-5)
