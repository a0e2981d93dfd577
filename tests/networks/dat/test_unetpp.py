from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
from scanserve.networks.dat import UNetPlusPlus  # noqa: E402

pytestmark = pytest.mark.torch


def test_keeps_the_size_of_the_image() -> None:
    network = UNetPlusPlus(width=2, levels=4).eval()
    with torch.inference_mode():
        assert network(torch.zeros(2, 1, 32, 48)).shape == (2, 1, 32, 48)


def test_nodes_fill_the_triangle_above_the_encoder() -> None:
    nodes = set(UNetPlusPlus(width=2, levels=4).nodes)
    assert nodes == {"0-1", "1-1", "2-1", "0-2", "1-2", "0-3"}


def test_every_node_counts() -> None:
    network = UNetPlusPlus(width=2, levels=4)
    network(torch.rand(2, 1, 32, 32)).sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())
