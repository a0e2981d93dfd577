from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts.spine import IMAGE_SHAPE  # noqa: E402
from scanserve.training.spine.augment import augment, mirror  # noqa: E402
from scanserve.training.spine.films import FILM_SHAPE  # noqa: E402

pytestmark = pytest.mark.torch


def spots(count: int = 8) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Films with a bright disc at each of 68 points on a grid."""
    rows, columns = np.mgrid[60:640:17j, 120:260:4j].reshape(2, -1)
    y, x = np.mgrid[: FILM_SHAPE[0], : FILM_SHAPE[1]]
    film = np.full(FILM_SHAPE, 60, np.uint8)
    for row, column in zip(rows, columns, strict=True):
        film[np.hypot(y - row, x - column) < 7] = 255
    points = torch.tensor(np.column_stack([columns, rows]), dtype=torch.float32)
    sizes = torch.tensor([FILM_SHAPE] * count)
    return torch.from_numpy(film).expand(count, -1, -1), sizes, points.expand(count, -1, -1)


def varied(seed: int = 0, count: int = 8) -> tuple[torch.Tensor, torch.Tensor]:
    return augment(*spots(count), torch.Generator().manual_seed(seed))


def test_shapes_ranges_and_that_a_seed_repeats() -> None:
    image, points = varied()
    assert (image.shape, points.shape) == ((8, 1, *IMAGE_SHAPE), (8, 68, 3))
    assert 0 <= image.min() < image.max() <= 1
    again = varied()
    assert torch.equal(image, again[0])
    assert torch.equal(points, again[1])
    assert not torch.equal(image, varied(seed=1)[0])


def test_points_move_with_the_image() -> None:
    """A flagged point is brighter than the rest of the image, except under what is laid on top, or inverted."""
    image, points = varied(count=24)
    better = []
    for number in range(24):
        places = points[number][points[number, :, 2] > 0.5][:, :2].round().long()
        if len(places) > 8:
            at = image[number, 0, places[:, 1], places[:, 0]].median()
            better.append(bool(at > image[number, 0][image[number, 0] > 0].median()))
    assert np.mean(better) > 0.85


def test_angles_are_kept_but_for_a_small_shear() -> None:
    _, points = varied(count=24)
    first, second, below = points[:, 0, :2], points[:, 3, :2], points[:, 64, :2]
    cosine = torch.nn.functional.cosine_similarity(second - first, below - first)
    assert cosine.abs().max() < 0.1


def test_flagged_points_lie_in_the_image() -> None:
    _, points = varied(count=24)
    seen = points[points[..., 2] > 0.5]
    assert (seen[:, :2] > -0.5).all()
    assert (seen[:, 0] < IMAGE_SHAPE[1]).all()
    assert (seen[:, 1] < IMAGE_SHAPE[0]).all()
    assert points[..., 2].mean() > 0.9


def test_brightness_is_varied_in_two_of_three_films() -> None:
    """Where it is not, a flat film stays as bright as it is, but for where it does not reach."""
    films, sizes, points = spots(count=40)
    image, _ = augment(torch.full_like(films, 128), sizes, points, torch.Generator().manual_seed(0))
    flat = [bool((values[values > 0] - 128 / 255).abs().max() < 1e-4) for values in image]
    assert 0.2 < np.mean(flat) < 0.5


def test_spines_fill_the_frame_or_are_small() -> None:
    """As a first reading sees them, and as a second one does."""
    rows = torch.cat([varied(seed, count=24)[1][..., 1] for seed in range(4)])
    heights = rows.amax(dim=1) - rows.amin(dim=1)
    assert 0.5 < (heights > 400).float().mean() < 0.9
    assert heights.min() < 230


def test_mirroring_swaps_left_and_right_corners() -> None:
    image = torch.rand(2, 1, *IMAGE_SHAPE)
    points, flag = torch.rand(2, 68, 2) * 200, torch.ones(2, 68)
    flag[:, 1] = 0
    other, moved, flags = mirror(image, points, flag, torch.tensor([True, False]))
    assert torch.equal(other[0], image[0].flip(2))
    assert torch.equal(other[1], image[1])
    torch.testing.assert_close(moved[0, 0], torch.stack((255 - points[0, 1, 0], points[0, 1, 1])))
    assert (flags[0, 0], flags[0, 1]) == (0, 1)
    assert torch.equal(moved[1], points[1])
