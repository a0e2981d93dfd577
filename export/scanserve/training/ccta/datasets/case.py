"""One case of a data set, and what an adapter makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from scanserve.contracts import InputError
from scanserve.preprocessing.findings import Finding
from scanserve.training.ccta.annotation import AnnotatedVessel

__all__ = ["Adapter", "Case", "Drawing", "require"]


@dataclass(frozen=True)
class Case:
    """One CT with what was drawn in it.

    Attributes:
        number: of the case in its data set; it decides the split.
        name: distinct within the data set.
        image: the CT.
        drawn: its mask, references or curves.
    """

    number: int
    name: str
    image: Path
    drawn: tuple[Path, ...]


@dataclass(frozen=True)
class Drawing:
    """The named vessels of a case, LPS mm.

    Attributes:
        vessels: one at least.
        findings: what was left out, and what was taken to be otherwise than it stands.
        image_shift_hu: added to the values of the image to make them HU.
    """

    vessels: tuple[AnnotatedVessel, ...]
    findings: tuple[Finding, ...] = ()
    image_shift_hu: int = 0


class Adapter(Protocol):
    """A module that reads one published layout."""

    #: What the data set is called, with its source: a card's words.
    TITLE: str

    def cases(self, folder: Path) -> Sequence[Case]:
        """The cases below ``folder``, in the order of their numbers."""

    def draw(self, case: Case) -> Drawing:
        """The vessels of a case.

        Raises:
            InputError: the reason why the case cannot be used.
        """


def require(*files: Path) -> None:
    """Raise ``InputError`` ``file-missing`` unless all files are there."""
    for file in files:
        if not file.is_file():
            raise InputError(
                "file-missing", f"{file.name} must lie beside the rest of its case but does not."
            )
