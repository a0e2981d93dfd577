"""From an analysis and what was decided to the :class:`~scanserve.client.ccta.result.Result` and its images.

Mapping and rounding only: what is decided, is decided in :mod:`~scanserve.client.ccta.decision`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scanserve.client.ccta import result as schema
from scanserve.client.ccta.analysis import Analysis
from scanserve.client.ccta.decision import Decision, JoinedVessel, VesselDecision
from scanserve.client.ccta.motion import judge_motion
from scanserve.client.ccta.phases import FoundPhase, FoundVessel
from scanserve.client.ccta.ranking import PhaseOrder
from scanserve.client.ccta.recombine import BEYOND_HU
from scanserve.client.ccta.scoring import QualityScores, ScoredVessel
from scanserve.client.ccta.travel import Travel
from scanserve.client.ccta.views import Views
from scanserve.client.dicom.uids import shown_uid
from scanserve.client.runs.provenance import Circumstances
from scanserve.client.runs.records import own_version
from scanserve.contracts.ccta import QUALITY_CLASSES, SECTION_MM, VESSELS, Vessel
from scanserve.geometry import VesselTree, path_length
from scanserve.preprocessing import Reconstruction

__all__ = ["describe", "views_of"]


def describe(analysis: Analysis, decision: Decision, made: Circumstances) -> schema.Result:
    """The result of one run."""
    server = made.provenance.server
    assert server is not None, "the application has models, so a server answered"
    return schema.Result(
        findings=[*analysis.judgements, judge_motion(analysis.scores, decision)],
        notice=made.provenance.notice,
        scanserve_version=own_version(),
        created=made.created,
        study=_study(analysis),
        warnings=list(decision.caveats),
        overall=_ranking(decision.overall),
        vessels=[_vessel(vessel, analysis, decision.vessels[vessel.abbreviation]) for vessel in VESSELS],
        server=server,
        models=list(made.provenance.models),
        timing=made.timing,
    )


def views_of(analysis: Analysis, decision: Decision) -> Views:
    """The images that the figures show."""
    best = decision.overall.best
    return Views(
        straightened={
            name: {label: _cropped(scores.image) for label, scores in scored.phases.items()}
            for name, scored in analysis.scores.items()
        },
        recombined={
            name: _cropped(decided.joined.recombined.image)
            for name, decided in decision.vessels.items()
            if decided.joined is not None
        },
        planes=next((found.planes for found in analysis.phases if found.label == best), ()),
        plane_phase=best,
    )


# --- the study ----------------------------------------------------------------------------------------------


def _study(analysis: Analysis) -> schema.StudyInfo:
    study = analysis.study
    infos = [_phase(found) for found in analysis.phases]
    return schema.StudyInfo(
        study_instance_uid=shown_uid(study.study_instance_uid, "StudyInstanceUID"),
        files=sum(info.files for info in infos) + sum(group.files for group in study.skipped),
        phases=infos,
        skipped=list(study.skipped),
        left_out=[_left_out(found) for found in analysis.left_out],
        only_series=list(study.only_series),
        without_series=list(study.without_series),
        warnings=list(study.warnings),
        eligible=not any(info.ineligible for info in infos),
        override=analysis.override,
    )


def _phase(found: FoundPhase) -> schema.PhaseInfo:
    phase = found.phase
    return schema.PhaseInfo(
        label=phase.label,
        percent=phase.percent,
        trigger_ms=phase.trigger_ms,
        explanation=phase.explanation,
        series_instance_uid=shown_uid(phase.series_instance_uid, "SeriesInstanceUID"),
        files=len(phase.files),
        shape=phase.shape,
        spacing_mm=phase.spacing,
        findings=list(phase.findings),
        ineligible=list(found.ineligible),
    )


def _left_out(found: Reconstruction) -> schema.LeftOut:
    return schema.LeftOut(
        phase=found.label,
        phase_lost=found.phase_lost,
        series_number=found.series_number,
        kind=found.kind,
        original=found.original,
        slices=found.slices,
        files=found.files,
        spacing_mm=round(found.step_mm, 3),
        kernel=found.kernel,
        reasons=list(found.reasons),
    )


# --- the vessels --------------------------------------------------------------------------------------------


def _vessel(vessel: Vessel, analysis: Analysis, decided: VesselDecision) -> schema.VesselResult:
    name = vessel.abbreviation
    scored = analysis.scores.get(name)
    return schema.VesselResult(
        vessel=name,
        name=vessel.name,
        snomed=vessel.snomed,
        scct_segments=list(vessel.scct_segments),
        found=scored is not None,
        reason=decided.absent,
        common_length_mm=None if scored is None else scored.common_mm,
        ranking=_ranking(decided.order),
        best_of_phases=_best_of_phases(decided.joined, scored),
        phases=[
            _vessel_phase(found.vessels[name], found.label, scored, moved)
            for found, moved in zip(analysis.phases, decided.travels, strict=True)
        ],
    )


def _ranking(order: PhaseOrder) -> schema.Ranking:
    return schema.Ranking(
        best=order.best,
        order=[
            schema.RankedPhase(phase=place.phase, position=place.position, score=place.score, note=place.note)
            for place in order.places
        ],
        near_ties=list(order.near_ties),
        confidence=order.confidence,
        explanation=order.explanation,
    )


def _vessel_phase(
    found: FoundVessel, label: str, scored: ScoredVessel | None, moved: Travel | None
) -> schema.VesselPhase:
    scores = scored.phases.get(label) if scored else None
    return schema.VesselPhase(
        phase=label,
        presence=round(found.presence, 4),
        found=scores is not None,
        reason=found.reason,
        length_mm=None if found.tree is None else round(found.tree.length_mm, 2),
        scored_length_mm=None if scores is None else round(scores.length_mm, 2),
        tree=None if found.tree is None else _tree(found.tree),
        travel_mm=None if moved is None else round(moved.mm, 3),
        quality=None if scores is None else _quality(scores),
    )


def _tree(tree: VesselTree) -> schema.Tree:
    points = np.round(tree.points, 3).tolist()
    radii = [round(float(radius), 3) if np.isfinite(radius) else None for radius in tree.radii]
    branches = [
        schema.Branch(
            points=[int(branch.attachment), *map(int, branch.indices)],
            parent=int(branch.parent),
            length_mm=round(float(path_length(tree.branch_points(number))), 2),
        )
        for number, branch in enumerate(tree.branches)
    ]
    return schema.Tree(
        points_mm=[tuple(point) for point in points],
        radii_mm=radii,
        parent=[int(index) for index in tree.parent],
        main_path=[int(index) for index in tree.main_path],
        branches=branches,
    )


# --- quality ------------------------------------------------------------------------------------------------


def _quality(scores: QualityScores) -> schema.Quality:
    probabilities = zip(QUALITY_CLASSES, scores.class_probabilities, strict=True)
    return schema.Quality(
        quality=_unit(scores.quality),
        grade=scores.quality_class.grade,
        quality_class=scores.quality_class.name,
        class_probabilities={item.name: _unit(probability) for item, probability in probabilities},
        ranking=float(scores.ranking),
        sections=[_section(index, scores) for index in range(len(scores.section_quality))],
    )


def _section(index: int, scores: QualityScores) -> schema.Section:
    inside = scores.section_class[index] >= 0 and scores.section_quality[index] >= 0
    return schema.Section(
        start_mm=index * SECTION_MM,
        end_mm=_end_mm(index, scores.length_mm),
        quality_class=QUALITY_CLASSES[int(scores.section_class[index])].name if inside else None,
        quality=_unit(scores.section_quality[index]) if inside else None,
    )


def _best_of_phases(joined: JoinedVessel | None, scored: ScoredVessel | None) -> schema.BestOfPhases | None:
    if joined is None or scored is None:
        return None
    sections = [
        schema.SectionSource(
            start_mm=index * SECTION_MM,
            end_mm=_end_mm(index, scored.common_mm),
            phase=joined.phases[source],
            quality=_unit(joined.recombined.quality[index]),
        )
        for index, source in enumerate(joined.recombined.sources.tolist())
        if source >= 0
    ]
    end_mm = sections[-1].end_mm if sections else 0.0
    return schema.BestOfPhases(length_mm=end_mm, switches=joined.recombined.switches, sections=sections)


def _end_mm(index: int, length_mm: float) -> float:
    """End of a section; the last one with something in it ends with the vessel."""
    start, end = index * SECTION_MM, (index + 1) * SECTION_MM
    return round(min(end, length_mm), 2) if length_mm > start else end


def _unit(value: float) -> float:
    """Into 0 to 1, where rounding may have left it."""
    return round(float(np.clip(value, 0.0, 1.0)), 5)


def _cropped(image: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """Without what lies beyond the end."""
    filled = np.flatnonzero((image > BEYOND_HU).any(axis=(1, 2)))
    return image[: filled[-1] + 1] if filled.size else image[:0]
