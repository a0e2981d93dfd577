from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from scanserve.networks.dat import R2UNet  # noqa: E402
from scanserve.networks.dat.r2unet import Recurrent, Unit  # noqa: E402

pytestmark = pytest.mark.torch


def test_keeps_the_size_of_the_image() -> None:
    network = R2UNet(width=2, levels=4).eval()
    with torch.inference_mode():
        assert network(torch.zeros(2, 1, 32, 48)).shape == (2, 1, 32, 48)


def test_a_recurrent_convolution_returns_to_its_input_twice() -> None:
    recurrent = Recurrent(1)
    recurrent.convolution = nn.Identity()  # x, then x + x, then x + 2 x
    recurrent.norms = nn.ModuleList(nn.Identity() for _ in recurrent.norms)
    torch.testing.assert_close(recurrent(torch.ones(1, 1, 4, 4)), torch.full((1, 1, 4, 4), 3.0))


def test_a_unit_adds_to_what_went_in() -> None:
    unit = Unit(1, 1)
    unit.widen, unit.body = nn.Identity(), nn.Identity()
    torch.testing.assert_close(unit(torch.ones(1, 1, 4, 4)), torch.full((1, 1, 4, 4), 2.0))


def test_what_was_learned_holds_when_evaluated() -> None:
    """Running statistics of one norm for all steps were right for none: a trained network got worse than its input."""
    torch.manual_seed(0)
    recurrent, x = Recurrent(4), torch.rand(16, 4, 16, 16)
    for _ in range(200):
        trained = recurrent.train()(x)
    torch.testing.assert_close(recurrent.eval()(x), trained, rtol=0.05, atol=0.02)
