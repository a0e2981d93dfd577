"""A stack of slices that was found in a study, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from scanserve.preprocessing.ct.stack import BLOCKING
from scanserve.preprocessing.findings import Finding

__all__ = ["Reconstruction"]

#: Reasons for which a stack cannot be loaded.
UNLOADABLE = BLOCKING | {"duplicate-slices"}


@dataclass(frozen=True)
class Reconstruction:
    """A stack of slices that was found in a study, and what became of it.

    Attributes:
        label: of its phase; of its series where no phase is known.
        series_number: as the files state it, or ``None``.
        description: of its series, as the files state it; for the screen alone, since users write anything into it.
        kind: what it is, in words: "angiography", "calcium scoring" ...
        original: whether it was reconstructed from the scan, rather than from other slices.
        slices, files: how many.
        step_mm, thickness_mm, coverage_mm: spacing of the slices, their thickness, and the extent of all.
        kernel: as the files state it, or ``""``.
        reasons: why it is not analysed; empty for what is.
        phase_lost: whether its phase is not analysed at all because of that.
    """

    label: str
    series_number: int | None
    description: str
    kind: str
    original: bool
    slices: int
    files: int
    step_mm: float
    thickness_mm: float | None
    coverage_mm: float
    kernel: str
    reasons: tuple[Finding, ...] = ()
    phase_lost: bool = False

    @property
    def loadable(self) -> bool:
        """Whether it could be loaded, whatever speaks against analysing it."""
        return not any(reason.code in UNLOADABLE for reason in self.reasons)

    @property
    def series(self) -> str:
        """Its series in words."""
        return "series without a number" if self.series_number is None else f"series {self.series_number}"

    @property
    def what(self) -> str:
        """Its phase and series in words, for messages."""
        if not self.phase_lost:
            return f"{self.series} ({self.kind}, {self.slices} slices)"
        return f"phase {self.label}" + ("" if self.label == self.series else f" ({self.series})")
