"""What a run says in DICOM: Cobb angles with the edges that were measured, lines for viewers, and the picture."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from pydicom.sr.codedict import codes as standard

from scanserve.client.dicom import codes
from scanserve.client.dicom.content import Algorithm, Capture, Content, Drawing, Group, Number
from scanserve.client.dicom.sources import of_film
from scanserve.client.runs.figure import RenderedFigure
from scanserve.client.spine.result import CurveInfo, Place, Result
from scanserve.client.spine.taken import Taken
from scanserve.contracts import InputError
from scanserve.contracts.spine import SPINE

__all__ = ["content_of"]

#: Pixels by which an edge leads nowhere along an axis.
_STANDING = 1e-9
_SPINE = standard.SCT.Spine
_SIDES = {
    "right": codes.Code("24028007", "SCT", "Right"),
    "left": codes.Code("7771000", "SCT", "Left"),
}
_UPPER, _LOWER, _APEX, _CONVEX = (
    codes.own("upper-end", "Upper end vertebra"),
    codes.own("lower-end", "Lower end vertebra"),
    codes.own("apex", "Apical vertebra"),
    codes.own("convexity", "Side to which the curve is convex"),
)


def content_of(result: Result, taken: Taken, figures: Sequence[RenderedFigure]) -> Content:
    """Everything to be written of a run.

    Args:
        result: of the run.
        taken: the film.
        figures: of the report.

    Raises:
        InputError: code ``picture-no-objects`` where the film is no DICOM object.
    """
    if not taken.film.is_dicom:
        raise InputError("picture-no-objects", "--dicom needs a DICOM film, but the film is a picture.")
    sources = of_film(taken.film)
    image = sources.images[0]
    digest = hashlib.sha256(result.points.tobytes() + result.fixed.tobytes()).hexdigest()
    models = {model.name: model.sha256 or f"version {model.version}" for model in result.models}
    return Content(
        application=SPINE.name,
        title="Curves of the spine",
        sources=sources,
        procedure=codes.RADIOGRAPHY,
        body_part="SPINE",
        algorithm=Algorithm(result.scanserve_version, models, result.notice),
        comments=list(_comments(result)),
        groups=[_group(curve, image) for curve in result.curves],
        drawings=list(_drawings(result)),
        captures=[Capture(figure.name, figure.title, figure.png) for figure in figures],
        key=[digest] if result.corrections or result.fixed.any() else [],
        persons=list(dict.fromkeys(item.who for item in result.corrections if item.who)),
    )


def _comments(result: Result) -> Iterator[str]:
    yield f"Acceptance: {result.verdict}."
    for finding in result.findings:
        if finding.outcome in ("refused", "warning"):
            yield f"{finding.message} Limit: {finding.limit}. [{finding.code}]"
    for warning in result.warnings:
        yield f"{warning.message} [{warning.code}]"
    if not result.curves:
        yield f"No curve of 10 degrees or more; the greatest angle is {result.largest_degrees:.1f} degrees."
    fixed = int(result.fixed.sum())
    yield (
        f"{fixed} of {len(result.fixed)} corners were fixed by a reader."
        if fixed
        else "No corner was corrected."
    )


def _group(curve: CurveInfo, image: object) -> Group:
    """One curve: upper edge from left to right, then the lower one, so that readers find the same angle."""
    vertebrae = [(kind, _vertebra(name)) for kind, name in _named(curve)]
    side = [(_CONVEX, _SIDES[curve.patient_side])] if curve.patient_side else []
    angle = Number(codes.COBB_ANGLE, curve.degrees, codes.DEGREES, (*curve.upper_edge, *curve.lower_edge))
    return Group(
        f"Curve from {curve.upper} to {curve.lower}",
        codes.COBB_ANGLE,
        [_SPINE],
        [angle],
        [*vertebrae, *side],
        image,  # type: ignore[arg-type]
    )


def _named(curve: CurveInfo) -> tuple[tuple[codes.Code, str], ...]:
    return (_UPPER, curve.upper), (_LOWER, curve.lower), (_APEX, curve.apex)


def _vertebra(name: str) -> codes.Code:
    return getattr(standard.SCT, f"{name}Vertebra")


def _drawings(result: Result) -> Iterator[Drawing]:
    rows, columns = result.study.shape
    for curve in result.curves:
        for name, edge in ((curve.upper, curve.upper_edge), (curve.lower, curve.lower_edge)):
            yield Drawing(f"{name} ({curve.degrees:.1f} deg)", _longer(edge, (columns - 1, rows - 1)))
    for vertebra in result.vertebrae:
        first, second, third, fourth = vertebra.corners
        yield Drawing(vertebra.name, (second, first, third, fourth, second))


def _longer(edge: tuple[Place, Place], last: tuple[int, int]) -> tuple[Place, Place]:
    """An edge with as much again at either end, so that it can be seen, as far as the film reaches."""
    start, end = np.array(edge)
    way = end - start
    before = start - min(1.0, _room(start, -way, last)) * way
    after = end + min(1.0, _room(end, way, last)) * way
    return (float(before[0]), float(before[1])), (float(after[0]), float(after[1]))


def _room(start: npt.NDArray, way: npt.NDArray, last: tuple[int, int]) -> float:
    """How many times ``way`` leads from ``start`` to the border of the film; 0 beyond it."""
    border = np.where(way > 0, last, 0.0)
    moving = np.abs(way) > _STANDING
    return max(0.0, float(np.min((border - start)[moving] / way[moving], initial=np.inf)))
