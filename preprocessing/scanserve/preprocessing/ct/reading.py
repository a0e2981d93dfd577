"""From a folder to a study: scan, group into phases, choose, describe.  Headers only."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from os import PathLike
from pathlib import Path

from scanserve.contracts import StudyError
from scanserve.preprocessing.ct.phases import group_series
from scanserve.preprocessing.ct.selection import ArrangedPhase, arrange_all, select
from scanserve.preprocessing.ct.slicefile import read_slices
from scanserve.preprocessing.ct.slices import Slice
from scanserve.preprocessing.ct.study import Phase, Study
from scanserve.preprocessing.ct.study_findings import study_findings
from scanserve.preprocessing.dicom import (
    Progress,
    Rejects,
    files_of,
    one_study,
    scan_folder,
    without_copies,
)
from scanserve.preprocessing.findings import plural

__all__ = ["read_study"]


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
        raise StudyError("no-ct", f"the study folder holds no CT slices: {rejects.summary()}.")
    slices = without_copies(_whole_files_first(slices), _identity, rejects)
    study_uid = one_study(slices, "CT slices")
    candidates = [candidate for series in _by_series(slices) for candidate in group_series(series)]
    chosen = select(arrange_all(candidates), rejects)
    _reject_leftovers(chosen, rejects)
    _refuse(chosen)
    phases = _phases(sorted(chosen, key=_order), root)
    identified = any(arranged.candidate.identified for arranged in chosen)
    return Study(
        study_uid,
        phases,
        rejects.groups(),
        (*study_findings(phases, identified=identified), *rejects.unseen()),
    )


def _whole_files_first(slices: Iterable[Slice]) -> list[Slice]:
    return sorted(slices, key=lambda image: image.frame.pixel_format.truncated)


def _identity(image: Slice) -> Hashable:
    """What copies of a slice share: instance UID, place and tags.

    The UID alone does not do, because some anonymisers write one UID into all files.
    """
    frame = image.frame
    if not frame.sop_uid:
        return image.file
    return frame.sop_uid, frame.index, image.series_uid, image.position, image.phase_tags


def _by_series(slices: Iterable[Slice]) -> list[list[Slice]]:
    series: dict[str, list[Slice]] = defaultdict(list)
    for image in slices:
        series[image.series_uid].append(image)
    return list(series.values())


def _reject_leftovers(chosen: Sequence[ArrangedPhase], rejects: Rejects) -> None:
    """Account for slices that belong to chosen series but to no stack."""
    for arranged in chosen:
        stack = arranged.stack
        used = set(files_of(stack.slices))
        strays = [file for file in files_of(stack.strays) if file not in used]
        untagged = files_of(arranged.candidate.untagged)
        duplicates = files_of(other for _, other in stack.duplicates)
        rejects.add("stray-slices", "hold slices of another geometry than the rest of their series", strays)
        rejects.add("no-phase-tag", "hold slices without the phase tag that splits their series", untagged)
        rejects.add("duplicate-slices", "hold slices at a position that another slice has", duplicates)


def _refuse(chosen: Sequence[ArrangedPhase]) -> None:
    """Refuse phases that cannot be compared, and a study of oblique stacks alone.

    Raises:
        StudyError: code ``mixed-frames-of-reference`` or ``oblique``.
    """
    slices = [image for arranged in chosen for image in arranged.stack.slices]
    frames = {image.frame_of_reference for image in slices} - {""}
    if len(frames) > 1:
        raise StudyError(
            "mixed-frames-of-reference",
            f"all phases must share one frame of reference but the "
            f"{plural(len(chosen), 'phase', verb=False)} found use {len(frames)}.",
        )
    oblique = [f for arranged in chosen for f in arranged.stack.findings if f.code == "oblique"]
    if oblique and len(oblique) == len(chosen):
        raise StudyError("oblique", oblique[0].message)


def _order(arranged: ArrangedPhase) -> tuple[float, float, int, str]:
    candidate = arranged.candidate
    return (
        float("inf") if candidate.percent is None else candidate.percent,
        float("inf") if candidate.trigger_ms is None else candidate.trigger_ms,
        arranged.first.series_number or 0,
        candidate.label,
    )


def _phases(chosen: Sequence[ArrangedPhase], root: Path) -> tuple[Phase, ...]:
    labels = _unique([arranged.candidate.label for arranged in chosen])
    return tuple(_phase(arranged, label, root) for arranged, label in zip(chosen, labels, strict=True))


def _unique(labels: Iterable[str]) -> list[str]:
    """The labels; equal ones are numbered from the second on."""
    seen: Counter[str] = Counter()
    unique = []
    for label in labels:
        seen[label] += 1
        unique.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return unique


def _phase(arranged: ArrangedPhase, label: str, root: Path) -> Phase:
    candidate, stack, first = arranged.candidate, arranged.stack, arranged.first
    currents = [image.tube_current for image in stack.slices if image.tube_current]
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
        stack=stack,
        findings=(*stack.findings, *candidate.findings),
        root=root,
    )
