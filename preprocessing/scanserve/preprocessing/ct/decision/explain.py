"""What became of every stack that was found, in words and in numbers of files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from scanserve.preprocessing.ct.decision.choice import Choice, ChosenPhase, LeftOut
from scanserve.preprocessing.ct.reconstruction import Reconstruction
from scanserve.preprocessing.ct.slices import Slice
from scanserve.preprocessing.dicom import Rejects, files_of

__all__ = ["explained", "reconstructions", "reject_files"]

#: Why files are not used, by the code of the first reason; the rest of the sentence "N files ...".
_FILES = {
    "localizer": "are localizer images (topograms)",
    "projection": "are projections or renderings made from other slices",
    "material-map": "belong to maps of a material or of something else that was computed",
    "not-hu": "hold values that are not in Hounsfield units",
    "contrast-timing": "belong to series that time the contrast medium",
    "calcium-scoring": "belong to series for calcium scoring",
    "preview": "belong to stacks of a few slices",
    "oblique": "belong to oblique reformats",
    "no-phase-tag": "belong to series without a cardiac phase tag, beside series that have one",
    "derived": "belong to series that were made from original ones",
    "other-reconstruction": "belong to other reconstructions of a phase that is used",
    "mixed-frames-of-reference": "belong to phases in another frame of reference than most",
    "unfit": "belong to phases or series that cannot be analysed",
    "not-selected": "belong to series that were not asked for",
}


def explained(phase: ChosenPhase) -> str:
    """Why the best reconstruction of a phase is used."""
    best, why = phase.best, phase.best.name.explanation
    if not phase.others:
        return why
    passed = "; ".join(other.describe() for other in phase.others)
    return f"{why}; {best.describe()} chosen over {passed}"


def reconstructions(choice: Choice) -> tuple[Reconstruction, ...]:
    """All that was found: what is analysed first, then lost phases, then the rest by series."""
    used = [phase.best.phase.reconstruction for phase in choice.phases]
    left = [
        replace(out.candidate.phase.reconstruction, reasons=out.reasons, phase_lost=out.phase_lost)
        for out in choice.left_out
    ]
    return (*used, *sorted(left, key=_order))


def _order(found: Reconstruction) -> tuple[bool, int, str, int]:
    number = 1 << 31 if found.series_number is None else found.series_number
    return not found.phase_lost, number, found.label, found.slices


def reject_files(choice: Choice, rejects: Rejects) -> None:
    """Account for the files of all slices that are not analysed, each file once."""
    ledger = _Ledger(rejects, set())
    for phase in choice.phases:
        ledger.seen.update(files_of(phase.best.phase.stack.slices))
    for phase in choice.phases:
        stack = phase.best.phase.stack
        ledger.add(
            "stray-slices", "hold slices of another geometry than the rest of their series", stack.strays
        )
        repeated = [other for _, other in stack.duplicates]
        ledger.add("duplicate-slices", "hold slices at a position that another slice has", repeated)
    candidates = [phase.best for phase in choice.phases] + [out.candidate for out in choice.left_out]
    for candidate in candidates:
        reason = "hold slices without the phase tag that splits their series"
        ledger.add("no-phase-tag", reason, candidate.group.untagged)
    used = {phase.best.name.label for phase in choice.phases if phase.best.name.identified}
    for out in choice.left_out:
        counted = _code(out, used)
        code = "unfit" if counted is None else counted
        ledger.add(code, _FILES[code], out.candidate.group.slices)


def _code(out: LeftOut, used: set[str]) -> str | None:
    """The code under which the files of a candidate are counted, if there is a common one."""
    given = [reason.code for reason in out.reasons]
    counted = [code for code in given if code in _FILES]
    if counted:
        return counted[0]
    return "other-reconstruction" if out.candidate.name.label in used else None


@dataclass(frozen=True)
class _Ledger:
    """Files that are accounted for."""

    rejects: Rejects
    seen: set[str]

    def add(self, code: str, reason: str, slices: Iterable[Slice]) -> None:
        """Account for the files of ``slices`` that nothing was said of yet."""
        files = [file for file in files_of(slices) if file not in self.seen]
        self.seen.update(files)
        self.rejects.add(code, reason, files)
