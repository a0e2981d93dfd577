from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
from scanserve.networks.dat import UNet  # noqa: E402

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("levels", [1, 2, 3, 4, 5])
def test_every_ladder_keeps_the_size_of_the_image(levels: int) -> None:
    network = UNet(width=2, levels=levels).eval()
    with torch.inference_mode():
        assert network(torch.zeros(2, 1, 32, 48)).shape == (2, 1, 32, 48)


def test_filters_double_with_every_level() -> None:
    network = UNet(width=16, levels=5)
    deepest = [layer.convs.conv_1.conv.out_channels for layer in network.downs]
    assert [network.first.conv_1.conv.out_channels, *deepest] == [16, 32, 64, 128, 256]


def test_one_level_has_the_closed_form() -> None:
    convolutions, norms, head = 9 * 16 + 9 * 16 * 16, 2 * 2 * 16, 16 + 1
    count = sum(parameter.numel() for parameter in UNet(width=16, levels=1).parameters())
    assert count == convolutions + norms + head


def test_a_pixel_is_seen_as_far_as_the_levels_reach() -> None:
    # one level: two 3x3 convolutions, so two pixels to every side
    network = UNet(width=2, levels=1).eval()
    image = torch.zeros(1, 1, 32, 32)
    image[0, 0, 16, 16] = 1
    with torch.inference_mode():
        change = (network(image) - network(torch.zeros_like(image)))[0, 0].abs() > 0
    rows, columns = torch.nonzero(change, as_tuple=True)
    assert rows.min() >= 14
    assert rows.max() <= 18
    assert columns.min() >= 14
    assert columns.max() <= 18
