from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
from scanserve.networks.dat import VNet  # noqa: E402

pytestmark = pytest.mark.torch


def test_keeps_the_size_of_the_image() -> None:
    network = VNet(width=2).eval()
    with torch.inference_mode():
        assert network(torch.zeros(2, 1, 32, 48)).shape == (2, 1, 32, 48)


def test_nothing_is_dropped_in_training() -> None:
    network = VNet(width=2)
    image = torch.rand(2, 1, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(network(image), network(image))
