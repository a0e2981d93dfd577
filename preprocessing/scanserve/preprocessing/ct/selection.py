"""Choosing among candidate phases: one reconstruction per phase, no previews, no other acquisitions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from scanserve.preprocessing.ct.arrangement import arrange
from scanserve.preprocessing.ct.kernels import kernel_sharpness
from scanserve.preprocessing.ct.phases import PhaseCandidate
from scanserve.preprocessing.ct.slices import Slice
from scanserve.preprocessing.ct.stack import Stack
from scanserve.preprocessing.dicom import Rejects, files_of

__all__ = ["ArrangedPhase", "arrange_all", "select"]

#: A stack of fewer slices is a preview or a test bolus ...
PREVIEW_SLICES = 10
#: ... when the study also holds a stack of at least so many.
WHOLE_SLICES = 40
#: Reconstructions of a phase that cover less than this fraction of its longest are passed over.
COVERAGE_FRACTION = 0.9


@dataclass(frozen=True)
class ArrangedPhase:
    """A candidate phase with its stack."""

    candidate: PhaseCandidate
    stack: Stack

    @property
    def first(self) -> Slice:
        """The first slice of the stack."""
        return self.stack.slices[0]

    @property
    def coverage_mm(self) -> float:
        """Extent along the slice normal."""
        return len(self.stack.slices) * self.stack.step

    @property
    def oblique(self) -> bool:
        """Whether the stack lies off the patient's axes."""
        return any(finding.code == "oblique" for finding in self.stack.findings)

    def describe(self) -> str:
        """Series number, spacing and kernel in words."""
        number = "?" if self.first.series_number is None else self.first.series_number
        kernel = f" {self.first.kernel}" if self.first.kernel else ""
        return f"series {number}, {self.stack.step:.2f} mm{kernel}"


def arrange_all(candidates: Iterable[PhaseCandidate]) -> list[ArrangedPhase]:
    """Each candidate with its stack."""
    return [ArrangedPhase(candidate, arrange(candidate.slices)) for candidate in candidates]


def select(phases: Sequence[ArrangedPhase], rejects: Rejects) -> list[ArrangedPhase]:
    """The phases that are analysed; the files of the others go to ``rejects`` with the reason.

    Passed over, in this order: previews (fewer than 10 slices beside a whole stack), oblique reformats
    beside aligned stacks, stacks without a phase tag beside tagged ones, and all but one reconstruction
    of the same phase.
    """
    kept = _drop(phases, _previews(phases), rejects, "preview", "belong to stacks of a few slices")
    kept = _drop(kept, _oblique(kept), rejects, "oblique", "belong to oblique reformats")
    reason = "belong to series without a cardiac phase tag, beside series that have one"
    kept = _drop(kept, _untagged(kept), rejects, "no-phase-tag", reason)
    return _one_per_phase(kept, rejects)


def _drop(
    phases: Sequence[ArrangedPhase], out: Sequence[ArrangedPhase], rejects: Rejects, code: str, reason: str
) -> list[ArrangedPhase]:
    for phase in out:
        rejects.add(code, reason, files_of(phase.candidate.slices))
    gone = {id(phase) for phase in out}
    return [phase for phase in phases if id(phase) not in gone]


def _previews(phases: Sequence[ArrangedPhase]) -> list[ArrangedPhase]:
    if max(len(phase.stack.slices) for phase in phases) < WHOLE_SLICES:
        return []
    return [phase for phase in phases if len(phase.stack.slices) < PREVIEW_SLICES]


def _oblique(phases: Sequence[ArrangedPhase]) -> list[ArrangedPhase]:
    oblique = [phase for phase in phases if phase.oblique]
    return oblique if len(oblique) < len(phases) else []


def _untagged(phases: Sequence[ArrangedPhase]) -> list[ArrangedPhase]:
    untagged = [phase for phase in phases if not phase.candidate.identified]
    return untagged if len(untagged) < len(phases) else []


def _one_per_phase(phases: Sequence[ArrangedPhase], rejects: Rejects) -> list[ArrangedPhase]:
    groups: dict[object, list[ArrangedPhase]] = defaultdict(list)
    for number, phase in enumerate(phases):
        key = phase.candidate.label if phase.candidate.identified else number
        groups[key].append(phase)
    return [_best(group, rejects) for group in groups.values()]


def _best(group: Sequence[ArrangedPhase], rejects: Rejects) -> ArrangedPhase:
    """The thinnest whole reconstruction; among equals the smoothest kernel, then the lowest series number."""
    if len(group) == 1:
        return group[0]
    longest = max(phase.coverage_mm for phase in group)

    def rank(phase: ArrangedPhase) -> tuple[object, ...]:
        return (
            bool(phase.stack.blocking),
            phase.coverage_mm < COVERAGE_FRACTION * longest,
            round(max(phase.stack.step, phase.first.thickness or 0), 2),
            kernel_sharpness(phase.first.kernel),
            phase.first.series_number or 0,
            phase.first.series_uid,
        )

    best, *others = sorted(group, key=rank)
    reason = "belong to other reconstructions of a phase that is used"
    for other in others:
        rejects.add("other-reconstruction", reason, files_of(other.candidate.slices))
    passed = "; ".join(other.describe() for other in others)
    explanation = f"{best.candidate.explanation}; {best.describe()} chosen over {passed}"
    return replace(best, candidate=replace(best.candidate, explanation=explanation))
