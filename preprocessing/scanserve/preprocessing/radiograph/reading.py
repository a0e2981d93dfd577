"""From a folder to the plain films of one study.  Headers only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

from scanserve.contracts import StudyError
from scanserve.preprocessing.dicom import (
    FileRejectedError,
    Progress,
    one_study,
    scan_folder,
    without_copies,
)
from scanserve.preprocessing.findings import Finding, Skipped
from scanserve.preprocessing.radiograph.film import Film
from scanserve.preprocessing.radiograph.filmfile import read_film, read_picture_film
from scanserve.preprocessing.radiograph.scale import Scale

__all__ = ["Films", "read_films"]


@dataclass(frozen=True)
class Films:
    """The films of one study, by series number and name, the files that are none, and what was not seen."""

    study_instance_uid: str
    films: tuple[Film, ...]
    skipped: tuple[Skipped, ...]
    warnings: tuple[Finding, ...] = ()


def read_films(
    path: str | PathLike[str],
    *,
    pictures: bool = False,
    aspect: float | None = None,
    progress: Progress | None = None,
) -> Films:
    """Read the headers below ``path`` and find the plain films of the one study in it.

    Args:
        path: a folder of any shape, or one file.
        pictures: whether PNG and JPEG files are films as well.
        aspect: how many times higher than wide a pixel of pictures and of films is that do not say it themselves.
        progress: called now and then with the number of files read and the number of files.

    Raises:
        StudyError: code ``study-missing``, ``empty-folder``, ``no-film`` or ``mixed-studies``.
    """

    def read(root: str, name: str) -> list[Film]:
        try:
            return read_film(root, name)
        except FileRejectedError as rejected:
            if pictures and rejected.code == "not-dicom":
                return read_picture_film(root, name, aspect)
            raise

    _, found, rejects = scan_folder(Path(path), read, progress)
    if not found:
        raise StudyError("no-film", f"the study folder holds no plain film: {rejects.summary()}.")
    films = without_copies(found, lambda film: film.sop_uid or film.file, rejects)
    study_uid = one_study(films, "films")
    if aspect is not None:
        films = [film if film.scale else replace(film, scale=Scale(aspect, 1.0, "caller")) for film in films]
    ordered = sorted(films, key=lambda film: (film.series_number or 0, film.file))
    return Films(study_uid, tuple(ordered), rejects.groups(), rejects.unseen())
