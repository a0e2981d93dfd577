"""What a run says in DICOM: quality and ranking as a report, lumens as a segmentation, centerlines, pictures.

Trees are shown in the phase that is best overall, and each vessel that is best elsewhere in its own best phase as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from pydicom.dataset import Dataset

from scanserve.client.ccta.analysis import Analysis
from scanserve.client.ccta.result import Quality, Ranking, Result, Section, Tree, VesselPhase, VesselResult
from scanserve.client.ccta.style import vessel_style
from scanserve.client.dicom import codes
from scanserve.client.dicom.content import Algorithm, Capture, Content, Curve, Group, Labels, Number, Segment
from scanserve.client.dicom.sources import Sources, of_phases
from scanserve.client.dicom.tubes import Drawing, Raster
from scanserve.client.runs.figure import RenderedFigure
from scanserve.contracts.ccta import CCTA
from scanserve.geometry import path_length
from scanserve.preprocessing import Phase

__all__ = ["content_of"]

#: SNOMED CT names of the arteries, by abbreviation, as the standard writes them (CID 3015).
_ARTERIES = {
    "RCA": codes.Code("13647002", "SCT", "Right coronary artery"),
    "LAD": codes.Code("59438005", "SCT", "Anterior descending branch of left coronary artery"),
    "LCX": codes.Code("57396003", "SCT", "Circumflex coronary artery"),
}
#: Figures that are written as pictures beside those of the vessels.
_PICTURES = ("best_of_phases",)


def content_of(result: Result, analysis: Analysis, figures: Sequence[RenderedFigure]) -> Content:
    """Everything to be written of a run.

    Args:
        result: of the run.
        analysis: whose phases are the sources.
        figures: of the report.
    """
    phases = {found.label: found.phase for found in analysis.phases}
    sources = of_phases(list(phases.values()))
    shown = list(_shown(result))
    return Content(
        application=CCTA.name,
        title="Coronary CT angiography",
        sources=sources,
        procedure=codes.CT,
        body_part="HEART",
        algorithm=_algorithm(result),
        comments=list(_comments(result)),
        groups=list(_groups(result, sources)),
        curves=[curve for phase, vessels in shown for vessel in vessels for curve in _curves(vessel, phase)],
        labels=[_labels(phases[label], sources.series[label], label, vessels) for label, vessels in shown],
        captures=[_capture(figure) for figure in figures if figure.part or figure.name in _PICTURES],
    )


def _algorithm(result: Result) -> Algorithm:
    models = {model.name: model.sha256 or f"version {model.version}" for model in result.models}
    return Algorithm(result.scanserve_version, models, result.notice)


def _comments(result: Result) -> Iterator[str]:
    yield f"Acceptance: {result.verdict}."
    for finding in result.findings:
        if finding.outcome in ("refused", "warning"):
            yield f"{finding.message} Limit: {finding.limit}. [{finding.code}]"
    yield f"Overall: {result.overall.explanation}"
    for vessel in result.vessels:
        reason = "" if vessel.reason is None else f" {vessel.reason.message}"
        yield f"{vessel.vessel}: {vessel.ranking.explanation}{reason}"
    for warning in result.warnings:
        yield f"{warning.message} [{warning.code}]"


def _shown(result: Result) -> Iterator[tuple[str, list[VesselResult]]]:
    """The phases in which trees are shown, and the vessels in each."""
    overall = result.overall.best
    labels = dict.fromkeys(filter(None, [overall, *(vessel.ranking.best for vessel in result.vessels)]))
    for label in labels:
        vessels = [
            vessel
            for vessel in result.vessels
            if label in (overall, vessel.ranking.best) and _entry(vessel, label).tree is not None
        ]
        if vessels:
            yield label, vessels


def _entry(vessel: VesselResult, label: str) -> VesselPhase:
    return next(entry for entry in vessel.phases if entry.phase == label)


# --- report -------------------------------------------------------------------------------------------------


def _groups(result: Result, sources: Sources) -> Iterator[Group]:
    percents = {phase.label: phase.percent for phase in result.study.phases}
    yield Group("All vessels, all phases", codes.BEST_PHASE, evaluations=[_best(result.overall)])
    for vessel in result.vessels:
        site = _ARTERIES[vessel.vessel]
        yield Group(
            f"{vessel.vessel}, all phases", codes.BEST_PHASE, [site], evaluations=[_best(vessel.ranking)]
        )
        ranks = {ranked.phase: ranked.position for ranked in vessel.ranking.order}
        for entry in (entry for entry in vessel.phases if entry.quality is not None):
            image = _image(entry, sources)
            numbers = list(_numbers(entry, ranks[entry.phase], percents[entry.phase]))
            yield _quality_group(f"{vessel.vessel} in {entry.phase}", site, numbers, entry.quality, image)
            if entry.phase == vessel.ranking.best:
                yield from _sections(vessel, entry, site, image)


def _best(ranking: Ranking) -> tuple[codes.Code, codes.Code]:
    """The best phase as a code whose meaning is its name."""
    best = ranking.best or "none"
    value = "".join(letter if letter.isalnum() else "-" for letter in best.replace("%", "percent"))
    return codes.BEST_PHASE, codes.own(value[:16].strip("-").lower(), best)


def _numbers(entry: VesselPhase, rank: int, percent: float | None) -> Iterator[Number]:
    quality = entry.quality
    assert quality is not None, "only phases with a quality have numbers"
    yield Number(codes.QUALITY_SCORE, quality.quality, codes.NO_UNITS)
    yield Number(codes.RANK, rank, codes.NO_UNITS)
    yield Number(codes.RANKING_SCORE, quality.ranking, codes.NO_UNITS)
    if percent is not None:
        yield Number(codes.CARDIAC_PHASE, percent, codes.PERCENT)
    if entry.length_mm is not None:
        yield Number(codes.LENGTH, entry.length_mm, codes.MM)
    if entry.travel_mm is not None:
        yield Number(codes.TRAVEL, entry.travel_mm, codes.MM)


def _quality_group(
    identifier: str, site: codes.Code, numbers: list[Number], quality: Quality | None, image: Dataset | None
) -> Group:
    assert quality is not None, "only phases with a quality are reported"
    evaluation = (codes.QUALITY_CLASS, _class(quality.quality_class))
    return Group(identifier, codes.IMAGE_QUALITY, [site], numbers, [evaluation], image)


def _sections(
    vessel: VesselResult, entry: VesselPhase, site: codes.Code, image: Dataset | None
) -> Iterator[Group]:
    sections = entry.quality.sections if entry.quality is not None else []
    for number, section in enumerate(sections, start=1):
        if section.quality is not None and section.quality_class is not None:
            identifier = f"{vessel.vessel} in {entry.phase}, section {number} ({_span(section)})"
            numbers = [Number(codes.SECTION_QUALITY, section.quality, codes.NO_UNITS)]
            evaluation = (codes.QUALITY_CLASS, _class(section.quality_class))
            yield Group(identifier, codes.IMAGE_QUALITY, [site], numbers, [evaluation], image)


def _span(section: Section) -> str:
    return f"{section.start_mm:g} to {section.end_mm:g} mm from the ostium"


def _class(name: str) -> codes.Code:
    return codes.own(f"class-{name[:10]}", name)


def _image(entry: VesselPhase, sources: Sources) -> Dataset | None:
    """The slice at the ostium; of a multi-frame source, the file."""
    if entry.tree is None:
        return None
    images = sources.series[entry.phase]
    ostium = np.array(entry.tree.points_mm[entry.tree.main_path[0]])
    return min(images, key=lambda image: _distance(image, ostium))


def _distance(image: Dataset, point: np.ndarray) -> float:
    """From a point to the plane of a slice, mm."""
    if "ImagePositionPatient" not in image:
        return 0.0
    directions = np.array(image.ImageOrientationPatient, float)
    normal = np.cross(directions[:3], directions[3:])
    return float(abs((point - np.array(image.ImagePositionPatient, float)) @ normal))


# --- trees --------------------------------------------------------------------------------------------------


def _paths(vessel: VesselResult, label: str) -> list[tuple[str, list[int]]]:
    """Name and indices of points: of the main path, then of every branch."""
    tree = _entry(vessel, label).tree
    assert tree is not None, "only vessels with a tree are shown"
    paths = [(f"{vessel.vessel} main path", tree.main_path)]
    paths += [
        (f"{vessel.vessel} branch {number}", branch.points) for number, branch in enumerate(tree.branches, 1)
    ]
    return [(name, points) for name, points in paths if len(points) > 1]


def _curves(vessel: VesselResult, label: str) -> Iterator[Curve]:
    tree = _entry(vessel, label).tree
    assert tree is not None, "only vessels with a tree are shown"
    for name, indices in _paths(vessel, label):
        points = _points(tree, indices)
        yield Curve(f"{name} in {label}", _ARTERIES[vessel.vessel], points, float(path_length(points)))


def _labels(phase: Phase, images: Sequence[Dataset], label: str, vessels: Sequence[VesselResult]) -> Labels:
    stack = phase.stack
    drawing = Drawing(Raster.of(stack.slices, stack.step))
    segments: list[Segment] = []
    for vessel in vessels:
        tree = _entry(vessel, label).tree
        assert tree is not None, "only vessels with a tree are shown"
        for name, indices in _paths(vessel, label):
            radii = np.array([_known(tree.radii_mm[index]) for index in indices])
            if np.isfinite(radii).any() and len(segments) < np.iinfo(np.uint8).max:
                segments.append(Segment(name, _ARTERIES[vessel.vessel], vessel_style(vessel.vessel).colour))
                drawing.draw(_points(tree, indices), radii, len(segments))
    name = "".join(letter if letter.isalnum() else "-" for letter in label.replace(" %", "")).strip("-")
    return Labels(name, f"Coronary lumens in {label}", images, drawing.values, segments)


def _points(tree: Tree, indices: Sequence[int]) -> np.ndarray:
    return np.array([tree.points_mm[index] for index in indices], np.float64)


def _known(radius: float | None) -> float:
    return np.nan if radius is None else radius


def _capture(figure: RenderedFigure) -> Capture:
    return Capture(figure.name, figure.title, figure.png)
