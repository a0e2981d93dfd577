"""What a run says in DICOM: binding ratios and counts as a report, the restored series, and pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydicom import dcmread

from scanserve.client.dat.result import Binding, Result
from scanserve.client.dat.taken import Taken
from scanserve.client.dicom import codes
from scanserve.client.dicom.content import Algorithm, Capture, Content, Group, Number
from scanserve.client.dicom.sources import of_tomogram
from scanserve.client.runs.figure import RenderedFigure
from scanserve.contracts.dat import DAT

__all__ = ["content_of"]

_SIDES = {
    "right": codes.Code("24028007", "SCT", "Right"),
    "left": codes.Code("7771000", "SCT", "Left"),
}
_STRIATUM = codes.Code("31841001", "SCT", "Corpus striatum")
_HEAD = codes.Code("12738006", "SCT", "Brain")


def content_of(result: Result, taken: Taken, figures: Sequence[RenderedFigure], folder: Path) -> Content:
    """Everything to be written of a run.

    Args:
        result: of the run.
        taken: what was restored, the source.
        figures: of the report.
        folder: of the output, which holds the restored series already.
    """
    restored = {made.method: dcmread(folder / made.file) for made in result.restorations}
    models = {model.name: model.sha256 or f"version {model.version}" for model in result.models}
    return Content(
        application=DAT.name,
        title="DaTSCAN SPECT",
        sources=of_tomogram(taken.tomogram),
        procedure=codes.SPECT,
        body_part="BRAIN",
        algorithm=Algorithm(result.scanserve_version, models, result.notice),
        comments=list(_comments(result)),
        groups=list(_groups(result)),
        captures=[Capture(figure.name, figure.title, figure.png) for figure in figures],
        files={f"series-{method}": ds for method, ds in restored.items()},
    )


def _comments(result: Result) -> Iterator[str]:
    yield f"Acceptance: {result.verdict}."
    for finding in result.findings:
        if finding.outcome in ("refused", "warning"):
            yield f"{finding.message} Limit: {finding.limit}. [{finding.code}]"
    for warning in result.all_warnings:
        yield f"{warning.message} [{warning.code}]"
    yield (
        "Binding ratios are of discs around the hottest place of each side and of the back of the head; they must not "
        "be compared with published normal values."
    )


def _groups(result: Result) -> Iterator[Group]:
    yield from _binding("as acquired", result.binding)
    for made in result.restorations:
        yield from _binding(made.title, made.binding)
        change = Number(codes.COUNTS_CHANGE, 100 * made.counts_change, codes.PERCENT)
        yield Group(f"{made.title}, counts", codes.COUNTS_CHANGE, [_HEAD], [change])


def _binding(title: str, binding: Binding | None) -> Iterator[Group]:
    if binding is None:
        return
    for side in _SIDES:
        number = Number(codes.BINDING, getattr(binding, side), codes.NO_UNITS)
        yield Group(
            f"{title}, {side} striatum", codes.BINDING, [_STRIATUM], [number], lateralities=[_SIDES[side]]
        )
