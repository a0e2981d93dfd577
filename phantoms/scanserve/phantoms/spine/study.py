"""Writing of a study: one film as DICOM DX, and ``truth.json``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from scanserve.phantoms.folder import whole_or_nothing
from scanserve.phantoms.spine.dicom import DxFilm, dx_dataset
from scanserve.phantoms.spine.film import Film, make_film
from scanserve.phantoms.spine.truth import study_truth

__all__ = ["FILM", "write_study"]

#: The film's file.
FILM = "film.dcm"
#: Length of the spine from T1 to L5 in the film, mm: mean and standard deviation.
_SPINE_MM = (430.0, 35.0)


def write_study(out: str | Path, seed: int = 7, population: str = "test", rows: int = 2400) -> Path:
    """Write the study of ``seed`` into the folder ``out`` and return it; the same seed gives the same bytes.

    Args:
        out: a new or empty folder; it appears only when the study is complete.
        seed: which synthetic patient.
        population: of :data:`~scanserve.phantoms.spine.population.POPULATIONS`.
        rows: rows of the film.

    Raises:
        InputError: codes ``out-not-empty``, ``out-not-writable`` or ``disk-full``.
    """
    target, film = Path(out), make_film(seed, population, rows)
    written = _dx(film, seed)
    with whole_or_nothing(target) as folder:
        dx_dataset(written).save_as(folder / FILM, enforce_file_format=True)
        truth = json.dumps(study_truth(film, seed, written.pixel_mm), separators=(",", ":"))
        (folder / "truth.json").write_text(truth, encoding="utf-8")
    return target


def _dx(film: Film, seed: int) -> DxFilm:
    """The film with what its header says, which varies like the rest."""
    rng = np.random.default_rng([int(seed), 0xD1])
    length = float(np.clip(rng.normal(*_SPINE_MM), 320, 520))
    pixel_mm = round(length / float(np.ptp(film.points[:, 1])), 5)
    view = "PA" if rng.random() < 0.5 else "AP"
    right = "R" if film.patient.mirrored else "L"
    return DxFilm(seed, film.grey, pixel_mm, view, right, bool(rng.random() < 0.3))
