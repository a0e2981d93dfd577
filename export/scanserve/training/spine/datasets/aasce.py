"""The AASCE films with their landmarks (SpineWeb 16; Wu et al. 2017): ``--data aasce:FOLDER``.

As published: ``labels/training/landmarks.csv`` and ``filenames.csv`` beside the films in ``data/training``, and the
same of ``test``.  A row of landmarks holds 68 x, then 68 y, as shares of width and height.  A flat folder with the two
files and the films serves as well; each tenth of its films then tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from scanserve.contracts import InputError
from scanserve.contracts.spine import POINTS
from scanserve.training.spine.films import FILM_SHAPE, fitted

__all__ = ["TITLE", "LandmarkFilm", "has_films", "read_split"]

#: What a card calls the data.
TITLE = "the AASCE spine films (SpineWeb 16), whose terms allow research"
#: Of a flat folder, films whose place is a multiple of this test.
EVERY = 10
_LANDMARKS, _NAMES = "landmarks.csv", "filenames.csv"


@dataclass(frozen=True, eq=False)
class LandmarkFilm:
    """A film: its name, grey values 0..1 ``[row, column]``, and its points (68, 2) in pixels."""

    name: str
    grey: npt.NDArray[np.float32]
    points: npt.NDArray[np.float64]

    def for_training(self) -> dict[str, npt.NDArray]:
        """The film made smaller until it fits the frame of the bank."""
        rows, columns = self.grey.shape
        scale = min(1.0, FILM_SHAPE[0] / rows, FILM_SHAPE[1] / columns)
        size = (round(columns * scale), round(rows * scale))
        image = Image.fromarray(np.rint(255 * self.grey).astype(np.uint8)).resize(size, Image.Resampling.BOX)
        factor = np.array(size) / np.array([columns, rows])
        return fitted(np.asarray(image, np.float32) / 255, (self.points + 0.5) * factor - 0.5)


def has_films(folder: Path) -> bool:
    """Whether a folder has the landmarks in one of the two layouts."""
    return _labels(folder, "training").is_file()


def read_split(folder: Path, split: str) -> list[LandmarkFilm]:
    """The films of ``training`` or ``test``.

    Raises:
        InputError: code ``file-missing`` for a file that is absent, ``landmarks-invalid`` for rows of another length
            or of another number than the names.
    """
    labels = _labels(folder, split)
    names, rows = _names(labels.parent / _NAMES), _rows(labels)
    if len(names) != len(rows):
        raise InputError(
            "landmarks-invalid",
            f"{_LANDMARKS} must have a row for each of {len(names)} names but has {len(rows)}.",
        )
    films = folder / "data" / split if labels.parent != folder else folder
    chosen = range(len(names)) if labels.parent != folder else _part(len(names), split)
    return [_film(films / names[index], rows[index]) for index in chosen]


def _labels(folder: Path, split: str) -> Path:
    published = folder / "labels" / split / _LANDMARKS
    return published if published.is_file() else folder / _LANDMARKS


def _part(count: int, split: str) -> list[int]:
    test = [index for index in range(count) if (index + 1) % EVERY == 0] or [count - 1]
    return test if split == "test" else [index for index in range(count) if index not in test]


def _names(path: Path) -> list[str]:
    return [line.strip().strip('"') for line in _text(path).splitlines() if line.strip()]


def _rows(path: Path) -> npt.NDArray[np.float64]:
    """Shares (F, 68, 2) of width and height."""
    try:
        table = np.array([[float(cell) for cell in line.split(",")] for line in _text(path).split()])
        return (
            table.reshape(-1, 2, POINTS).transpose(0, 2, 1)
            if table.shape[1:] == (2 * POINTS,)
            else _bad(path)
        )
    except ValueError:
        return _bad(path)


def _bad(path: Path) -> npt.NDArray[np.float64]:
    raise InputError(
        "landmarks-invalid", f"each row of {path.name} must hold {2 * POINTS} numbers but one does not."
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise InputError("file-missing", f"there is no file {path.name} in the data set.") from error


def _film(path: Path, shares: npt.NDArray[np.float64]) -> LandmarkFilm:
    try:
        with Image.open(path) as image:
            grey = np.asarray(image.convert("L"), np.float32) / 255
    except FileNotFoundError as error:
        raise InputError("file-missing", f"there is no film {path.name} in the data set.") from error
    return LandmarkFilm(path.name, grey, shares * np.array(grey.shape[::-1]))
