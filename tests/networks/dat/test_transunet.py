from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
from scanserve.networks.dat import TransUNet  # noqa: E402
from scanserve.networks.dat.transunet import HEADS, Attention  # noqa: E402

pytestmark = pytest.mark.torch


def test_keeps_the_size_of_the_image() -> None:
    network = TransUNet(width=4, layers=2).eval()
    with torch.inference_mode():
        assert network(torch.zeros(2, 1, 64, 64)).shape == (2, 1, 64, 64)


def test_attention_is_that_of_torch() -> None:
    torch.manual_seed(0)
    size, ours = 8 * HEADS, Attention(8 * HEADS)
    theirs = torch.nn.MultiheadAttention(size, HEADS, batch_first=True)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(ours.join.weight)
        theirs.in_proj_bias.zero_()
        theirs.out_proj.load_state_dict(ours.out.state_dict())
        tokens = torch.randn(2, 5, size)
        expected, _ = theirs(tokens, tokens, tokens)
        torch.testing.assert_close(ours(tokens), expected, rtol=1e-5, atol=1e-6)


def test_every_place_sees_every_other() -> None:
    torch.manual_seed(0)
    network = TransUNet(width=4, layers=1).double().eval()
    image = torch.zeros(1, 1, 64, 64, dtype=torch.float64)
    image[0, 0, 2, 2] = 100
    with torch.inference_mode():
        change = (network(image) - network(torch.zeros_like(image))).abs()
    assert change[0, 0, -1, -1] > 0  # the opposite corner, beyond the reach of the convolutions
