from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts.spine import MAP_SHAPE, POINTS, STRIDE  # noqa: E402
from scanserve.networks.spine.points import decode, draw  # noqa: E402

pytestmark = pytest.mark.torch


def somewhere(seed: int = 0, flag: float = 1.0) -> torch.Tensor:
    """Points at least 12 network pixels from the border."""
    generator = torch.Generator().manual_seed(seed)
    places = torch.rand((3, POINTS, 2), generator=generator) * torch.tensor([231.0, 487.0]) + 12
    return torch.cat((places, torch.full((3, POINTS, 1), flag)), dim=-1)


def test_a_drawn_point_is_decoded_to_a_fiftieth_of_a_pixel() -> None:
    points = somewhere()
    places, peaks = decode(draw(points))
    assert (places - points[..., :2]).pow(2).mean().sqrt() < 0.02
    assert peaks.min() > 0.9


def test_the_centre_of_a_map_pixel_is_the_middle_of_its_four_network_pixels() -> None:
    points = torch.tensor([[[STRIDE * 10 + 1.5, STRIDE * 20 + 1.5, 1.0]]])
    maps = draw(points)
    assert maps.shape == (1, 1, *MAP_SHAPE)
    assert maps[0, 0, 20, 10] == 1
    assert maps[0, 0, 20, 11] == maps[0, 0, 20, 9]


def test_a_point_without_a_flag_is_not_drawn() -> None:
    assert not draw(somewhere(flag=0.0)).any()


def test_noise_far_from_the_peak_does_not_move_it() -> None:
    points = somewhere()[:1, :1]
    maps = draw(points)
    noisy = torch.maximum(
        maps, 0.4 * torch.rand(maps.shape, generator=torch.Generator().manual_seed(1)) * (maps < 0.01)
    )
    assert (decode(noisy)[0] - decode(maps)[0]).abs().max() < 0.7


def test_an_empty_map_gives_a_finite_point_and_no_peak() -> None:
    places, peaks = decode(torch.zeros(1, 2, *MAP_SHAPE))
    assert torch.isfinite(places).all()
    assert not peaks.any()


def test_points_have_gradients() -> None:
    points = somewhere()
    logits = torch.logit(draw(points).clamp(1e-4, 1 - 1e-4)).requires_grad_()
    found, _ = decode(torch.sigmoid(logits))
    assert (found - points[..., :2]).abs().mean() < 0.5
    found.sum().backward()
    assert logits.grad is not None
    assert logits.grad.abs().sum() > 0
