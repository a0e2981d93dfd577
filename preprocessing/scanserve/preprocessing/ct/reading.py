"""From a folder to a study: scan, group into phases, choose, describe.  Headers only."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from os import PathLike
from pathlib import Path

from scanserve.contracts import StudyError
from scanserve.preprocessing.ct.phases import Candidate, group_series
from scanserve.preprocessing.ct.selection import Arranged, arrange_all, files_of, select
from scanserve.preprocessing.ct.slices import Slice, read_slices
from scanserve.preprocessing.ct.study import Phase, Study
from scanserve.preprocessing.dicom.scan import Progress, Rejects, scan_folder
from scanserve.preprocessing.findings import Finding, Skipped, plural

__all__ = ["read_study"]

#: Ends of phases that differ by more than this many slices are worth saying.
END_SLICES = 1.5


def read_study(path: str | PathLike[str], *, progress: Progress | None = None) -> Study:
    """Read the headers below ``path`` and find the phases of the one study in it.

    Args:
        path: a folder of any shape (nested, any names, other objects among the slices), or one file.
        progress: called now and then with the number of files read and the number of files.

    Raises:
        StudyError: code ``study-missing``, ``empty-folder``, ``no-ct``, ``mixed-studies``,
            ``mixed-frames-of-reference`` or ``oblique``.  What concerns one phase alone (missing slices, a
            truncated file ...) is in that phase's findings, and its ``load`` refuses.
    """
    root, slices, rejects = scan_folder(Path(path), read_slices, progress)
    if not slices:
        raise _no_ct(rejects.groups())
    slices = _without_copies(slices, rejects)
    study_uid = _one_study(slices)
    candidates = [one for series in _by_series(slices) for one in group_series(series)]
    chosen = select(arrange_all(candidates), rejects)
    _reject_leftovers(chosen, rejects)
    _refuse(chosen)
    phases = _phases(sorted(chosen, key=_order), root)
    return Study(study_uid, phases, rejects.groups(), _warnings(chosen, phases))


def _no_ct(skipped: Sequence[Skipped]) -> StudyError:
    found = " ".join(f"{group.message}" for group in skipped[:5])
    return StudyError("no-ct", f"the study folder holds no CT slices: {found.rstrip('.')}.")


def _without_copies(slices: Sequence[Slice], rejects: Rejects) -> list[Slice]:
    """Each slice once: of copied files the first that is whole.

    Copies share instance UID, place and tags; the UID alone does not do, because some anonymisers write
    one UID into all files.
    """
    first: dict[object, str] = {}
    kept: list[Slice] = []
    copies: list[Slice] = []
    for one in sorted(slices, key=lambda one: one.pixels.truncated):
        key = (one.sop_uid, one.frame, one.series_uid, one.position, one.tags) if one.sop_uid else one.file
        owner = first.setdefault(key, one.file)
        (kept if owner == one.file else copies).append(one)
    rejects.add("copy", "are copies of other files (same SOP instance UID)", files_of(copies))
    return kept


def _one_study(slices: Sequence[Slice]) -> str:
    counts = Counter(one.study_uid for one in slices)
    if len(counts) > 1:
        sizes = ", ".join(str(count) for count in sorted(counts.values(), reverse=True))
        raise StudyError(
            "mixed-studies",
            f"the folder must hold the CT slices of one study but holds {len(counts)} ({sizes} slices).",
        )
    return next(iter(counts))


def _by_series(slices: Iterable[Slice]) -> list[list[Slice]]:
    series: dict[str, list[Slice]] = defaultdict(list)
    for one in slices:
        series[one.series_uid].append(one)
    return list(series.values())


def _reject_leftovers(chosen: Sequence[Arranged], rejects: Rejects) -> None:
    """Account for slices that belong to chosen series but to no stack."""
    for one in chosen:
        used = {other.file for other in one.stack.slices}
        strays = [other for other in one.stack.strays if other.file not in used]
        rejects.add("stray-slices", "hold slices of another geometry than the rest of their series",
                    files_of(strays))  # fmt: skip
        rejects.add("no-phase-tag", "hold slices without the phase tag that splits their series",
                    files_of(one.candidate.untagged))  # fmt: skip
        rejects.add("duplicate-slices", "hold slices at a position that another slice has",
                    files_of(other for _, other in one.stack.duplicates))  # fmt: skip


def _refuse(chosen: Sequence[Arranged]) -> None:
    frames = {other.frame_of_reference for one in chosen for other in one.stack.slices} - {""}
    if len(frames) > 1:
        raise StudyError(
            "mixed-frames-of-reference",
            f"all phases must share one frame of reference but the "
            f"{plural(len(chosen), 'phase', verb=False)} found use {len(frames)}.",
        )
    oblique = [f for one in chosen for f in one.stack.findings if f.code == "oblique"]
    if oblique and len(oblique) == len(chosen):
        raise StudyError("oblique", oblique[0].message)


def _order(one: Arranged) -> tuple[float, float, int, str]:
    candidate = one.candidate
    return (
        float("inf") if candidate.percent is None else candidate.percent,
        float("inf") if candidate.trigger_ms is None else candidate.trigger_ms,
        one.first.series_number or 0,
        candidate.label,
    )


def _phases(chosen: Sequence[Arranged], root: Path) -> tuple[Phase, ...]:
    labels = _unique_labels([one.candidate for one in chosen])
    return tuple(_phase(one, label, root) for one, label in zip(chosen, labels, strict=True))


def _unique_labels(candidates: Sequence[Candidate]) -> list[str]:
    """The candidates' labels; equal ones are numbered from the second on."""
    seen: Counter[str] = Counter()
    labels = []
    for candidate in candidates:
        seen[candidate.label] += 1
        again = seen[candidate.label]
        labels.append(candidate.label if again == 1 else f"{candidate.label} ({again})")
    return labels


def _phase(one: Arranged, label: str, root: Path) -> Phase:
    candidate, first = one.candidate, one.first
    currents = [other.tube_current for other in one.stack.slices if other.tube_current]
    return Phase(
        label=label,
        percent=candidate.percent,
        trigger_ms=candidate.trigger_ms,
        explanation=candidate.explanation,
        series_instance_uid=first.series_uid,
        series_number=first.series_number,
        kernel=first.kernel,
        thickness_mm=first.thickness,
        tube_current_ma=sum(currents) / len(currents) if currents else None,
        stack=one.stack,
        findings=(*one.stack.findings, *candidate.findings),
        root=root,
    )


def _warnings(chosen: Sequence[Arranged], phases: Sequence[Phase]) -> tuple[Finding, ...]:
    warnings = []
    if len(phases) == 1:
        warnings.append(Finding("one-phase", "the study holds one phase only, so there is nothing to rank."))
    if not any(one.candidate.identified for one in chosen):
        warnings.append(Finding("phases-unknown", "no slice says its cardiac phase."))
    without = sum(not other.frame_of_reference for one in chosen for other in one.stack.slices)
    if without:
        warnings.append(Finding("no-frame-of-reference", (
            f"{plural(without, 'slice')} without a frame of reference, so all phases are taken to share one."
        )))  # fmt: skip
    return (*warnings, *_coverage_warnings(phases))


def _coverage_warnings(phases: Sequence[Phase]) -> list[Finding]:
    """Phases that start or end elsewhere than the others: slices may be missing at their ends."""
    bottoms = [phase.origin[2] for phase in phases]
    tops = [phase.origin[2] + (phase.shape[0] - 1) * phase.spacing[2] for phase in phases]
    warnings = []
    for phase, bottom, top in zip(phases, bottoms, tops, strict=True):
        short = max(bottom - min(bottoms), max(tops) - top)
        if short > END_SLICES * phase.spacing[2]:
            warnings.append(Finding("shorter-phase", (
                f"phase {phase.label} covers z = {bottom:.1f} to {top:.1f} mm while the study reaches "
                f"from {min(bottoms):.1f} to {max(tops):.1f} mm."
            )))  # fmt: skip
    return warnings
