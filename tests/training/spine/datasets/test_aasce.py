from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch")
from scanserve.contracts import InputError  # noqa: E402
from scanserve.training.recipe import Sources  # noqa: E402
from scanserve.training.spine.datasets.aasce import read_split  # noqa: E402
from scanserve.training.spine.datasets.opening import open_data  # noqa: E402
from scanserve.training.spine.filmbank import VariedFilms, validation_cases  # noqa: E402
from scanserve.training.spine.films import FILM_SHAPE  # noqa: E402
from scanserve.training.spine.morphology import steady  # noqa: E402

pytestmark = pytest.mark.torch

COLUMNS, ROWS = 300, 900


def shares() -> np.ndarray:
    """Corners of 17 vertebrae, as shares of width and height, (68, 2)."""
    rows = np.linspace(0.05, 0.92, 17)
    return np.concatenate([[[0.4, y], [0.6, y], [0.4, y + 0.03], [0.6, y + 0.03]] for y in rows])


def write(folder: Path, labels: Path, films: Path, names: list[str]) -> None:
    labels.mkdir(parents=True, exist_ok=True)
    films.mkdir(parents=True, exist_ok=True)
    row = ",".join(f"{value:.6f}" for value in shares().T.ravel())
    (labels / "landmarks.csv").write_text("\n".join([row] * len(names)) + "\n")
    (labels / "filenames.csv").write_text("\n".join(names) + "\n")
    for number, name in enumerate(names):
        Image.fromarray(np.full((ROWS, COLUMNS), 20 + number, np.uint8)).save(films / name)


@pytest.fixture
def published(tmp_path: Path) -> Path:
    for split, count in (("training", 3), ("test", 2)):
        names = [f"{split}_{number}.png" for number in range(count)]
        write(tmp_path, tmp_path / "labels" / split, tmp_path / "data" / split, names)
    return tmp_path


def test_films_and_points_of_the_published_layout(published: Path) -> None:
    films = read_split(published, "training")
    assert [film.name for film in films] == ["training_0.png", "training_1.png", "training_2.png"]
    np.testing.assert_allclose(films[0].points, shares() * [COLUMNS, ROWS], atol=1e-3)
    assert films[2].grey == pytest.approx(np.full((ROWS, COLUMNS), 22 / 255), abs=1e-6)
    assert len(read_split(published, "test")) == 2


def test_a_flat_folder_is_divided(tmp_path: Path) -> None:
    write(tmp_path, tmp_path, tmp_path, [f"{number}.png" for number in range(12)])
    assert [film.name for film in read_split(tmp_path, "test")] == ["9.png"]
    assert len(read_split(tmp_path, "training")) == 11


def test_a_film_is_made_smaller_with_its_points(published: Path) -> None:
    film = read_split(published, "training")[0]
    item = film.for_training()
    rows, columns = item["size"]
    assert rows == FILM_SHAPE[0]
    assert columns == round(COLUMNS * FILM_SHAPE[0] / ROWS)
    np.testing.assert_allclose(item["points"][0], shares()[0] * [columns, rows], atol=1)


def test_batches_and_validation_come_from_the_data_set(published: Path, tmp_path: Path) -> None:
    data = open_data(f"aasce:{published}", tmp_path)
    assert data.option == "aasce:DATA"
    sources = Sources.of(tmp_path / "cache", tmp_path, data)
    samples = VariedFilms(sources, 7, seed=0)
    samples.prepare()
    first, again = samples.batch(0), samples.batch(0)
    assert first["image"].shape == (4, 1, 512, 256)
    assert first["points"].shape == (4, 68, 3)
    assert (first["image"] == again["image"]).all()
    shapes = np.stack([film.for_training()["points"] for film in read_split(data.folder, "training")])
    assert shapes.shape == (3, 68, 2)
    chosen = steady(shapes)
    assert torch.equal(first["pairs"], chosen.pairs)
    assert torch.equal(first["triples"], chosen.triples)
    assert [case.film.shape for case in validation_cases(sources)] == [(ROWS, COLUMNS)] * 2


def test_other_folders_are_refused(tmp_path: Path) -> None:
    for text, code in (
        ("aasce:/nowhere", "file-missing"),
        (str(tmp_path), "file-missing"),
        (f"aasce:{tmp_path}", "no-cases"),
    ):
        with pytest.raises(InputError) as caught:
            open_data(text, tmp_path)
        assert caught.value.code == code


def test_faulty_tables_are_refused(published: Path) -> None:
    labels = published / "labels" / "training"
    row = (labels / "landmarks.csv").read_text().splitlines()[0]
    for text in (row + "\n", "0.1,0.2\n" * 3, "a," * 135 + "b\n", ""):
        (labels / "landmarks.csv").write_text(text)
        with pytest.raises(InputError) as caught:
            read_split(published, "training")
        assert caught.value.code == "landmarks-invalid"
    (labels / "filenames.csv").unlink()
    with pytest.raises(InputError, match=r"filenames\.csv"):
        read_split(published, "training")


def test_a_missing_film_is_named(published: Path) -> None:
    (published / "data" / "test" / "test_1.png").unlink()
    with pytest.raises(InputError, match=r"test_1\.png"):
        read_split(published, "test")
