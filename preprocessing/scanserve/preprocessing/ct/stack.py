"""Slices in order, and the axis-aligned grid that they make."""

from __future__ import annotations

from dataclasses import dataclass

from scanserve.preprocessing.ct.axes import Axes
from scanserve.preprocessing.ct.slices import Slice
from scanserve.preprocessing.findings import Finding

__all__ = ["BLOCKING", "Stack"]

#: Findings that keep a stack from being loaded; what the reader should do is in their message.
BLOCKING = frozenset(
    {
        "missing-slices",
        "uneven-spacing",
        "tilted",
        "shifted-slices",
        "mixed-geometry",
        "oblique",
        "truncated-file",
        "mixed-frames-of-reference",
        "not-hu",
        "rescale-invalid",
        "rescale-missing",
    }
)


@dataclass(frozen=True)
class Stack:
    """Slices in order, and the axis-aligned LPS grid that they make.

    Attributes:
        slices: one per position, in order along their normal.
        duplicates: ``(index into slices, other slice at the same position)``.
        strays: slices of another orientation, matrix or pixel spacing, left out.
        step: spacing of the slices along their normal, mm.
        axes: how ``[slice, row, column]`` becomes ``[z, y, x]``.
        shape: ``(z, y, x)``.
        spacing, origin: ``(x, y, z)``, mm, LPS.
        findings: what was noticed; those with a code in :data:`BLOCKING` forbid loading.
    """

    slices: tuple[Slice, ...]
    duplicates: tuple[tuple[int, Slice], ...]
    strays: tuple[Slice, ...]
    step: float
    axes: Axes
    shape: tuple[int, int, int]
    spacing: tuple[float, float, float]
    origin: tuple[float, float, float]
    findings: tuple[Finding, ...] = ()

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings that forbid loading."""
        return tuple(finding for finding in self.findings if finding.code in BLOCKING)
