"""What is taken of a study to be restored: one short acquisition, and of that the slices through the striatum."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scanserve.client.dat.denoiser import Slices
from scanserve.preprocessing import Skipped, Tomogram, read_tomograms
from scanserve.preprocessing.dat import Selection, check_acquisition, choose_short, select_slices

__all__ = ["Taken", "take"]


@dataclass(frozen=True, eq=False)
class Taken:
    """The tomogram, what was selected of it, those slices (5, 64, 64) from 0 to 1, and the files not used."""

    study_uid: str
    tomogram: Tomogram
    selection: Selection
    slices: Slices
    skipped: tuple[Skipped, ...]


def take(study: Path, series: int | None) -> Taken:
    """Read the short acquisition of a study, or the series with that number.

    Raises:
        InputError: what the readers raise, and what :func:`check_acquisition` refuses.
    """
    found = read_tomograms(study)
    tomogram = choose_short(found.tomograms, series)
    check_acquisition(tomogram)
    counts = tomogram.load()
    selection = select_slices(counts)
    return Taken(found.study_instance_uid, tomogram, selection, selection.cut(counts), found.skipped)
