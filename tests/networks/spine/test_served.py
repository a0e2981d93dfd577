from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from scanserve.contracts.spine import IMAGE_SHAPE, MAP_SHAPE, POINTS  # noqa: E402
from scanserve.networks.spine import ServedSpine, draw  # noqa: E402

pytestmark = pytest.mark.torch


class Known(nn.Module):
    """A network that always finds the same points."""

    def __init__(self, points: torch.Tensor) -> None:
        super().__init__()
        self.points = points

    def forward(self, image: torch.Tensor, hints: torch.Tensor, previous: torch.Tensor) -> torch.Tensor:
        return torch.logit(draw(self.points).clamp(1e-6, 1 - 1e-6))


def known() -> torch.Tensor:
    """Two straight spines, whose edges are as the whole says."""
    levels = torch.arange(POINTS // 4, dtype=torch.float32).repeat_interleave(4) * 27.3 + 20.7
    corners = torch.tensor([[-17.2, 0.0], [17.2, 0.0], [-17.2, 19.1], [17.2, 19.1]]).repeat(POINTS // 4, 1)
    one = corners + torch.stack((torch.full_like(levels, 120.4), levels), dim=-1)
    places = torch.stack((one, one + torch.tensor([8.3, 5.6])))
    return torch.cat((places, torch.ones(2, POINTS, 1)), dim=-1)


def test_points_are_decoded_with_their_peaks_and_maps() -> None:
    points = known()
    nothing = torch.zeros_like(points)
    found, maps = ServedSpine(Known(points))(torch.zeros(2, 1, *IMAGE_SHAPE), nothing, nothing)
    assert (found[..., :2] - points[..., :2]).abs().max() < 0.1
    assert found[..., 2].min() > 0.9
    assert (maps.dtype, tuple(maps.shape)) == (torch.uint8, (2, POINTS, *MAP_SHAPE))
    assert maps.amax(dim=(2, 3)).min() >= 230


def test_a_fixed_point_comes_back_exactly_as_given() -> None:
    points, hints = known(), torch.zeros(2, POINTS, 3)
    hints[0, 3] = torch.tensor([12.34567, 501.76543, 1.0])
    found, _ = ServedSpine(Known(points))(torch.zeros(2, 1, *IMAGE_SHAPE), hints, torch.zeros_like(hints))
    assert torch.equal(found[0, 3], hints[0, 3])
    plain, _ = ServedSpine(Known(points))(torch.zeros(2, 1, *IMAGE_SHAPE), 0 * hints, 0 * hints)
    assert torch.equal(found[1], plain[1])
    assert (found[0, 12:] - plain[0, 12:]).abs().max() < 0.1  # its neighbours' edges follow the spine
