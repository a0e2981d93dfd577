from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts.spine import IMAGE_SHAPE  # noqa: E402
from scanserve.networks.spine import Prepare  # noqa: E402

pytestmark = pytest.mark.torch


def prepared(film: torch.Tensor, *box: float) -> tuple[torch.Tensor, torch.Tensor]:
    image, placement = Prepare()(film[None, None], torch.tensor([box]))
    return image[0, 0], placement[0]


def ramp(rows: int, columns: int) -> torch.Tensor:
    """Grey values that grow along both axes."""
    y, x = torch.meshgrid(torch.arange(float(rows)), torch.arange(float(columns)), indexing="ij")
    return 0.2 + 0.5 * x / columns + 0.3 * y / rows


def test_a_film_of_the_frames_size_is_not_changed() -> None:
    film = torch.rand(*IMAGE_SHAPE)
    image, placement = prepared(film, 0.0, 0.0, 256.0, 512.0)
    torch.testing.assert_close(image, film)
    assert placement.tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("shape", [(1500, 600), (700, 900), (300, 100)])
def test_proportions_are_kept_and_the_middle_stays_the_middle(shape: tuple[int, int]) -> None:
    rows, columns = shape
    image, placement = prepared(torch.ones(rows, columns), 0.0, 0.0, float(columns), float(rows))
    scale = min(256 / columns, 512 / rows)
    assert placement[0] == pytest.approx(scale)
    middle = placement[0] * torch.tensor([(columns - 1) / 2, (rows - 1) / 2]) + placement[1:]
    assert middle.tolist() == pytest.approx([127.5, 255.5], abs=1e-3)
    filled = image > 0.5
    assert abs(int(filled.any(dim=0).sum()) - scale * columns) <= 1
    assert abs(int(filled.any(dim=1).sum()) - scale * rows) <= 1
    assert not image[image < 0.5].any()


def test_a_ramp_is_sampled_where_the_placement_says() -> None:
    film = ramp(1200, 500)
    image, (scale, x, y) = prepared(film, 100.0, 200.0, 400.0, 900.0)
    for row, column in ((60, 60), (255, 128), (450, 200)):
        at = (row - y) / scale, (column - x) / scale
        assert image[row, column] == pytest.approx(
            float(0.2 + 0.5 * at[1] / 500 + 0.3 * at[0] / 1200), abs=1e-3
        )


def test_what_lies_beyond_the_film_is_zero() -> None:
    image, (_, x, y) = prepared(torch.ones(400, 200), -200.0, -400.0, 200.0, 400.0)
    assert not image[: int(y) - 1].any()
    assert not image[:, : int(x) - 1].any()
    assert image[int(y) + 2 :, int(x) + 2 :].min() == pytest.approx(1, abs=1e-5)


def test_fine_stripes_do_not_alias() -> None:
    film = torch.zeros(2048, 1024)
    film[::2] = 1.0
    image, _ = prepared(film, 0.0, 0.0, 1024.0, 2048.0)
    assert (image[10:-10, 10:-10] - 0.5).abs().max() < 0.02


def test_every_film_of_a_batch_has_its_own_box() -> None:
    films = torch.rand(2, 1, 300, 200)
    boxes = torch.tensor([[0.0, 0, 200, 300], [50, 60, 150, 260]])
    image, placement = Prepare()(films, boxes)
    for number in range(2):
        one, place = Prepare()(films[number : number + 1], boxes[number : number + 1])
        torch.testing.assert_close(image[number : number + 1], one)
        torch.testing.assert_close(placement[number : number + 1], place)


def test_a_box_without_area_gives_a_finite_image() -> None:
    image, placement = prepared(torch.rand(50, 40), 20.0, 20.0, 10.0, 10.0)
    assert torch.isfinite(image).all()
    assert torch.isfinite(placement).all()
