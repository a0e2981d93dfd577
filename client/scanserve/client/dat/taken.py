"""What is taken of a study to be restored: one short acquisition, and of that the slices through the striatum."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scanserve.client.dat.denoiser import Slices
from scanserve.preprocessing import Finding, Skipped, Tomogram, read_tomograms
from scanserve.preprocessing.dat import Selection, check_acquisition, choose_short, select_slices

__all__ = ["Taken", "take"]


@dataclass(frozen=True, eq=False)
class Taken:
    """What is restored.

    Attributes:
        study_uid: of the study.
        tomogram: the short acquisition.
        selection: what was selected of it.
        slices: those slices (5, 64, 64), from 0 to 1.
        skipped: the files not used.
        findings: what is to be said about the files and the counts.
    """

    study_uid: str
    tomogram: Tomogram
    selection: Selection
    slices: Slices
    skipped: tuple[Skipped, ...]
    findings: tuple[Finding, ...] = ()


def take(study: Path, series: int | None) -> Taken:
    """Read the short acquisition of a study, or the series with that number.

    Raises:
        InputError: what the readers raise, and what :func:`check_acquisition` refuses.
    """
    found = read_tomograms(study)
    tomogram = choose_short(found.tomograms, series)
    check_acquisition(tomogram)
    counts = tomogram.counts()
    selection = select_slices(counts.values)
    return Taken(
        study_uid=found.study_instance_uid,
        tomogram=tomogram,
        selection=selection,
        slices=selection.cut(counts.values),
        skipped=found.skipped,
        findings=(*found.warnings, *tomogram.findings, *counts.findings),
    )
