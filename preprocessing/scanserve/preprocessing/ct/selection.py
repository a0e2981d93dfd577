"""Choosing among candidate phases: one reconstruction per phase, no previews, no other acquisitions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from scanserve.preprocessing.ct.arrangement import Stack, arrange
from scanserve.preprocessing.ct.phases import Candidate
from scanserve.preprocessing.ct.slices import Slice
from scanserve.preprocessing.dicom.scan import Rejects

__all__ = ["Arranged", "arrange_all", "kernel_sharpness", "select"]

#: A stack of fewer slices is a preview or a test bolus ...
PREVIEW_SLICES = 10
#: ... when the study also holds a stack of at least so many.
WHOLE_SLICES = 40
#: Reconstructions of a phase that cover less than this fraction of its longest are passed over.
COVERAGE_FRACTION = 0.9
#: Kernels named in words (GE, Philips, Canon), from smooth to sharp, on the scale of Siemens' numbers.
_KERNEL_WORDS = {"SOFT": 20, "STANDARD": 30, "STND": 30, "CHEST": 35, "DETAIL": 45, "LUNG": 60, "BONE": 60,
                 "BONEPLUS": 65, "EDGE": 70}  # fmt: skip
_KERNEL_LETTERS = {"A": 20, "B": 30, "C": 40, "D": 50, "E": 60}
#: Unknown kernels rank in the middle.
_UNKNOWN_KERNEL = 40


@dataclass(frozen=True)
class Arranged:
    """A candidate phase with its stack."""

    candidate: Candidate
    stack: Stack

    @property
    def first(self) -> Slice:
        """The first slice of the stack."""
        return self.stack.slices[0]

    @property
    def coverage_mm(self) -> float:
        """Extent along the slice normal."""
        return len(self.stack.slices) * self.stack.step

    def describe(self) -> str:
        """Series number, spacing and kernel in words."""
        number = "?" if self.first.series_number is None else self.first.series_number
        kernel = f" {self.first.kernel}" if self.first.kernel else ""
        return f"series {number}, {self.stack.step:.2f} mm{kernel}"


def arrange_all(candidates: Iterable[Candidate]) -> list[Arranged]:
    """Each candidate with its stack."""
    return [Arranged(candidate, arrange(candidate.slices)) for candidate in candidates]


def kernel_sharpness(kernel: str) -> float:
    """How sharp a convolution kernel is, from its name: the number in ``B26f``, or by known words.

    Smoother kernels carry less noise, which the analysis prefers.
    """
    digits = re.search(r"\d+", kernel)
    if digits:
        return float(digits[0])
    name = kernel.strip().upper()
    return float(_KERNEL_WORDS.get(name, _KERNEL_LETTERS.get(name, _UNKNOWN_KERNEL)))


def select(arranged: Sequence[Arranged], rejects: Rejects) -> list[Arranged]:
    """The stacks that are analysed; the files of the others go to ``rejects`` with the reason.

    Passed over, in this order: previews (fewer than 10 slices beside a whole stack), oblique reformats
    beside aligned stacks, stacks without a phase tag beside tagged ones, and all but one reconstruction
    of the same phase.
    """
    kept = _drop(arranged, _previews(arranged), rejects, "preview", "belong to stacks of a few slices")
    kept = _drop(kept, _oblique(kept), rejects, "oblique", "belong to oblique reformats")
    kept = _drop(kept, _untagged(kept), rejects, "no-phase-tag",
                 "belong to series without a cardiac phase tag, beside series that have one")  # fmt: skip
    return _one_per_phase(kept, rejects)


def _drop(
    arranged: Sequence[Arranged], out: Sequence[Arranged], rejects: Rejects, code: str, reason: str
) -> list[Arranged]:
    for one in out:
        rejects.add(code, reason, files_of(one.candidate.slices))
    gone = {id(one) for one in out}
    return [one for one in arranged if id(one) not in gone]


def files_of(slices: Iterable[Slice]) -> list[str]:
    """Files that hold ``slices``, each once."""
    return list(dict.fromkeys(one.file for one in slices))


def _previews(arranged: Sequence[Arranged]) -> list[Arranged]:
    if max(len(one.stack.slices) for one in arranged) < WHOLE_SLICES:
        return []
    return [one for one in arranged if len(one.stack.slices) < PREVIEW_SLICES]


def _oblique(arranged: Sequence[Arranged]) -> list[Arranged]:
    oblique = [one for one in arranged if any(f.code == "oblique" for f in one.stack.findings)]
    return oblique if len(oblique) < len(arranged) else []


def _untagged(arranged: Sequence[Arranged]) -> list[Arranged]:
    untagged = [one for one in arranged if not one.candidate.identified]
    return untagged if len(untagged) < len(arranged) else []


def _one_per_phase(arranged: Sequence[Arranged], rejects: Rejects) -> list[Arranged]:
    groups: dict[object, list[Arranged]] = defaultdict(list)
    for number, one in enumerate(arranged):
        candidate = one.candidate
        key = candidate.label if candidate.identified else number
        groups[key].append(one)
    return [_best(group, rejects) for group in groups.values()]


def _best(group: Sequence[Arranged], rejects: Rejects) -> Arranged:
    """The thinnest whole reconstruction; among equals the smoothest kernel, then the lowest series number."""
    if len(group) == 1:
        return group[0]
    longest = max(one.coverage_mm for one in group)

    def rank(one: Arranged) -> tuple[object, ...]:
        return (
            bool(one.stack.blocking),
            one.coverage_mm < COVERAGE_FRACTION * longest,
            round(max(one.stack.step, one.first.thickness or 0), 2),
            kernel_sharpness(one.first.kernel),
            one.first.series_number or 0,
            one.first.series_uid,
        )

    best, *others = sorted(group, key=rank)
    for other in others:
        rejects.add("other-reconstruction", "belong to other reconstructions of a phase that is used",
                    files_of(other.candidate.slices))  # fmt: skip
    passed = "; ".join(other.describe() for other in others)
    explanation = f"{best.candidate.explanation}; {best.describe()} chosen over {passed}"
    return replace(best, candidate=replace(best.candidate, explanation=explanation))
