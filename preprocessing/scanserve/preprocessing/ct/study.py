"""What a study is after reading its headers: phases that can be loaded, and everything that was noticed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scanserve.contracts import StudyError
from scanserve.preprocessing.ct.pixels import load_stack
from scanserve.preprocessing.ct.reconstruction import Reconstruction
from scanserve.preprocessing.ct.stack import Stack
from scanserve.preprocessing.ct.volume import Volume
from scanserve.preprocessing.dicom import files_of
from scanserve.preprocessing.findings import Finding, Skipped

__all__ = ["Phase", "Study"]


@dataclass(frozen=True)
class Phase:
    """One cardiac phase: a stack of CT slices whose pixels are read by :meth:`load`.

    Attributes:
        label: unique within the study: ``"70 %"``, ``"350 ms"`` or ``"series 4"``.
        percent: of the R-R interval, or ``None`` where no tag says so.
        trigger_ms: delay after the R peak in ms, or ``None``.
        explanation: which tag said so, in how many slices, and which reconstructions were passed over.
        series_instance_uid: the series that holds it, possibly among other phases.
        series_number, kernel, thickness_mm, tube_current_ma: as the files state them, or ``None`` / ``""``.
        stack: the slices in order and their axis-aligned grid.
        findings: what was noticed about the stack; see :attr:`blocking`.
        root: folder that the slices' paths are relative to.
        reconstruction: the stack in words.
        alternatives: other reconstructions of the phase, the best first, for when this one fails.
        unclear: whether some places hold several slices that differ and that nothing tells apart.
    """

    label: str
    percent: float | None
    trigger_ms: float | None
    explanation: str
    series_instance_uid: str
    series_number: int | None
    kernel: str
    thickness_mm: float | None
    tube_current_ma: float | None
    stack: Stack
    findings: tuple[Finding, ...]
    root: Path
    reconstruction: Reconstruction
    alternatives: tuple[Phase, ...] = ()
    unclear: bool = False

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that hold the slices, in order along the slice normal, each once."""
        return tuple(self.root / file for file in files_of(self.stack.slices))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels ``(z, y, x)`` of the loaded volume."""
        return self.stack.shape

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Voxel spacing ``(x, y, z)``, mm."""
        return self.stack.spacing

    @property
    def origin(self) -> tuple[float, float, float]:
        """Centre of voxel ``[0, 0, 0]``, ``(x, y, z)``, mm, LPS."""
        return self.stack.origin

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """What :meth:`load` refuses this phase for; empty where it can be loaded."""
        if not self.unclear:
            return self.stack.blocking
        message = "several slices that differ share one place, and nothing says which belong together."
        return (*self.stack.blocking, Finding("duplicate-slices", message))

    def check(self) -> None:
        """Refuse a phase that must not be analysed, without reading pixels.

        Raises:
            StudyError: with the code of the first blocking finding: ``missing-slices``, ``uneven-spacing``,
                ``tilted``, ``shifted-slices``, ``mixed-geometry``, ``oblique``, ``truncated-file``,
                ``duplicate-slices``.
        """
        self._refuse(self.blocking)

    def load(self) -> Volume:
        """Read the pixels: int16 HU ``[z, y, x]``, clipped to [-1024, 3071], LPS-aligned.

        Raises:
            StudyError: as :meth:`check`, and ``truncated-file``, ``unreadable-file``, ``undecodable-pixels``
                or ``duplicate-slices`` when that shows while reading.
        """
        self._refuse(self.stack.blocking)
        return load_stack(self.root, self.stack, self.label)  # which names the slices that share a place

    def _refuse(self, findings: tuple[Finding, ...]) -> None:
        for finding in findings:
            raise StudyError(finding.code, f"phase {self.label}: {finding.message}")


@dataclass(frozen=True)
class Study:
    """The phases of one study, in order of percent, then trigger delay, then series number.

    Attributes:
        study_instance_uid: of the study.
        phases: what is analysed.
        skipped: files that are not used, counted by reason.
        warnings: what was noticed about the study as a whole.
        found: every stack of slices in it and what became of it, the phases first.
        only_series, without_series: what the user asked for; see
            :class:`~scanserve.preprocessing.ct.decision.wishes.Wishes`.
    """

    study_instance_uid: str
    phases: tuple[Phase, ...]
    skipped: tuple[Skipped, ...]
    warnings: tuple[Finding, ...]
    found: tuple[Reconstruction, ...] = ()
    only_series: tuple[str, ...] = ()
    without_series: tuple[str, ...] = ()

    @property
    def left_out(self) -> tuple[Reconstruction, ...]:
        """What was found and is not analysed, each with its reasons."""
        return tuple(found for found in self.found if found.reasons)

    def phase(self, label: str) -> Phase:
        """The phase called ``label``.

        Raises:
            StudyError: code ``unknown-phase``.
        """
        for phase in self.phases:
            if phase.label == label:
                return phase
        known = ", ".join(phase.label for phase in self.phases)
        raise StudyError("unknown-phase", f"there is no phase {label!r} in the study; it holds {known}.")
