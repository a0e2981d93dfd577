"""From a folder to the tomograms of one study.  Headers only."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from scanserve.contracts import StudyError
from scanserve.preprocessing.dicom import Progress, one_study, scan_folder, without_copies
from scanserve.preprocessing.findings import Finding, Skipped
from scanserve.preprocessing.nm.tomogram import Tomogram
from scanserve.preprocessing.nm.tomogramfile import read_tomogram

__all__ = ["Tomograms", "read_tomograms"]


@dataclass(frozen=True)
class Tomograms:
    """The reconstructed tomograms of one study, by series number, the files that are none, and what was not seen."""

    study_instance_uid: str
    tomograms: tuple[Tomogram, ...]
    skipped: tuple[Skipped, ...]
    warnings: tuple[Finding, ...] = ()


def read_tomograms(path: str | PathLike[str], *, progress: Progress | None = None) -> Tomograms:
    """Read the headers below ``path`` and find the reconstructed tomograms of the one study in it.

    Args:
        path: a folder of any shape, or one file.
        progress: called now and then with the number of files read and the number of files.

    Raises:
        StudyError: code ``study-missing``, ``empty-folder``, ``no-tomogram`` or ``mixed-studies``.
    """
    _, found, rejects = scan_folder(Path(path), read_tomogram, progress)
    if not found:
        raise StudyError(
            "no-tomogram", f"the study folder holds no reconstructed NM tomogram: {rejects.summary()}."
        )
    tomograms = without_copies(found, lambda tomogram: tomogram.sop_uid or tomogram.file, rejects)
    study_uid = one_study(tomograms, "tomograms")
    ordered = sorted(tomograms, key=lambda tomogram: (tomogram.series_number or 0, tomogram.file))
    return Tomograms(study_uid, tuple(ordered), rejects.groups(), rejects.unseen())
