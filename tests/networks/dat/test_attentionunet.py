from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
from scanserve.networks.dat import attention_unet  # noqa: E402

pytestmark = pytest.mark.torch


def test_keeps_the_size_of_the_image() -> None:
    network = attention_unet(width=2, levels=4).eval()
    with torch.inference_mode():
        assert network(torch.zeros(2, 1, 32, 48)).shape == (2, 1, 32, 48)
