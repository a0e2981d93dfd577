"""Every stack of slices of a study that could be a volume, with what is known of it from its headers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scanserve.preprocessing.ct.arrangement import arrange
from scanserve.preprocessing.ct.decision.kinds import Kind
from scanserve.preprocessing.ct.decision.naming import Name, name_groups
from scanserve.preprocessing.ct.decision.separation import Group, Same, separate
from scanserve.preprocessing.ct.decision.series import Part
from scanserve.preprocessing.ct.kernels import known_kernel
from scanserve.preprocessing.ct.reconstruction import Reconstruction
from scanserve.preprocessing.ct.slices import Slice
from scanserve.preprocessing.ct.stack import Stack
from scanserve.preprocessing.ct.study import Phase
from scanserve.preprocessing.dicom import files_of
from scanserve.preprocessing.findings import Finding

__all__ = ["Candidate", "candidates_of"]


@dataclass(frozen=True, eq=False)
class Candidate:
    """A stack that could be a volume.

    Attributes:
        group: its slices, what they are and how they were told from others.
        name: which phase it is, and why.
        phase: the stack as it would be analysed.
        unfit: why it must not be analysed, as far as that has been looked at.
        measured: whether its pixels have been looked at.
    """

    group: Group
    name: Name
    phase: Phase
    unfit: tuple[Finding, ...] = ()
    measured: bool = False

    @property
    def kind(self) -> Kind:
        """What it is."""
        return self.group.nature.kind

    @property
    def first(self) -> Slice:
        """The first slice of the stack."""
        return self.phase.stack.slices[0]

    @property
    def coverage_mm(self) -> float:
        """Extent along the slice normal."""
        return self.phase.reconstruction.coverage_mm

    @property
    def slice_mm(self) -> float:
        """Thickness or spacing of the slices, whichever is greater."""
        return round(max(self.phase.stack.step, self.first.thickness or 0), 2)

    @property
    def blocked(self) -> tuple[Finding, ...]:
        """Why the stack cannot be loaded."""
        return self.phase.blocking

    @property
    def flaws(self) -> tuple[Finding, ...]:
        """Why it cannot or must not be analysed."""
        return (*self.blocked, *self.unfit)

    def describe(self) -> str:
        """Series number, spacing and kernel in words."""
        number = "?" if self.first.series_number is None else self.first.series_number
        kernel = f" {known_kernel(self.first.kernel)}" if self.first.kernel else ""
        return f"series {number}, {self.phase.stack.step:.2f} mm{kernel}"

    def with_unfit(self, unfit: tuple[Finding, ...], *, measured: bool) -> Candidate:
        """The same candidate, of which more is known."""
        return replace(self, unfit=unfit, measured=measured)


def candidates_of(parts: Sequence[Part], root: Path, same: Same) -> list[Candidate]:
    """The candidates of a study.

    Args:
        parts: its series, by kind and layout.
        root: folder that the slices' paths are relative to.
        same: whether two slices hold the same image.
    """
    separated = separate(parts, same)
    named = name_groups(separated)
    return [
        Candidate(group, name, _phase(group, name, root))
        for groups, names in zip(separated, named, strict=True)
        for group, name in zip(groups, names, strict=True)
    ]


def _phase(group: Group, name: Name, root: Path) -> Phase:
    stack = arrange(group.slices)
    first = stack.slices[0]
    currents = [image.tube_current for image in stack.slices if image.tube_current]
    return Phase(
        label=name.label,
        percent=name.percent,
        trigger_ms=name.trigger_ms,
        explanation=name.explanation,
        series_instance_uid=first.series_uid,
        series_number=first.series_number,
        kernel=first.kernel,
        thickness_mm=first.thickness,
        tube_current_ma=sum(currents) / len(currents) if currents else None,
        stack=stack,
        findings=(*stack.findings, *name.findings),
        root=root,
        reconstruction=_reconstruction(group, name, stack),
        unclear=group.unclear,
    )


def _reconstruction(group: Group, name: Name, stack: Stack) -> Reconstruction:
    first = stack.slices[0]
    return Reconstruction(
        label=name.label,
        series_number=first.series_number,
        description=first.phase_tags.series_description,
        kind=group.nature.kind.value,
        original=group.nature.original,
        slices=len(group.slices),
        files=len(files_of(group.slices)),
        step_mm=stack.step,
        thickness_mm=first.thickness,
        coverage_mm=len(stack.slices) * stack.step,
        kernel=known_kernel(first.kernel),
    )
