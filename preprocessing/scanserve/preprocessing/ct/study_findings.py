"""What is to be said about a study as a whole: whether its phases are known, and whether they cover the same."""

from __future__ import annotations

from collections.abc import Sequence

from scanserve.preprocessing.ct.study import Phase
from scanserve.preprocessing.findings import Finding, plural

__all__ = ["coverage_findings", "study_findings"]

#: Ends of phases that differ by more than this many slices are worth saying.
END_SLICES = 1.5


def study_findings(phases: Sequence[Phase], decided: Sequence[Finding] = ()) -> tuple[Finding, ...]:
    """The warnings of a study.

    Args:
        phases: all of it, at least one.
        decided: what is to be said about how they were decided on.
    """
    findings = []
    if len(phases) == 1:
        findings.append(Finding("one-phase", "the study holds one phase only, so there is nothing to rank."))
    findings += decided
    without = sum(not image.frame_of_reference for phase in phases for image in phase.stack.slices)
    if without:
        message = (
            f"{plural(without, 'slice')} without a frame of reference, so all phases are taken to share one."
        )
        findings.append(Finding("no-frame-of-reference", message))
    return (*findings, *coverage_findings(phases))


def coverage_findings(phases: Sequence[Phase]) -> list[Finding]:
    """Phases that start or end elsewhere than the others: slices may be missing at their ends."""
    bottoms = [phase.origin[2] for phase in phases]
    tops = [phase.origin[2] + (phase.shape[0] - 1) * phase.spacing[2] for phase in phases]
    lowest, highest = min(bottoms), max(tops)
    findings = []
    for phase, bottom, top in zip(phases, bottoms, tops, strict=True):
        if max(bottom - lowest, highest - top) > END_SLICES * phase.spacing[2]:
            message = (
                f"phase {phase.label} covers z = {bottom:.1f} to {top:.1f} mm while the study reaches "
                f"from {lowest:.1f} to {highest:.1f} mm."
            )
            findings.append(Finding("shorter-phase", message))
    return findings
