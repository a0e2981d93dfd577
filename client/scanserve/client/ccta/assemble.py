"""From an analysis to its :class:`~scanserve.client.ccta.result.Result` and the images beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

import numpy as np
import numpy.typing as npt

from scanserve.client.ccta import ranking as order
from scanserve.client.ccta import result as schema
from scanserve.client.ccta.analysis import (
    REACH,
    Analysis,
    AnalyzedPhase,
    QualityScores,
    common_lengths,
)
from scanserve.client.ccta.notice import NOTICE
from scanserve.client.ccta.recombine import BEYOND_HU, Recombined, recombine
from scanserve.client.ccta.travel import travel
from scanserve.client.ccta.views import Views
from scanserve.client.runs.records import findings_of, own_version, skipped_of, timing_of
from scanserve.client.runs.timing import Stopwatch
from scanserve.contracts.ccta import QUALITY_CLASSES, SECTION_MM, VESSELS, Vessel
from scanserve.geometry import VesselTree, path_length
from scanserve.preprocessing import Study

__all__ = ["Origin", "assemble"]


@dataclass(frozen=True)
class Origin:
    """Who computed the result: the server and its models."""

    server: schema.Server
    models: Sequence[schema.Model]


def assemble(
    study: Study, analysis: Analysis, origin: Origin, stopwatch: Stopwatch, override: str | None = None
) -> tuple[schema.Result, Views]:
    """Rank, recombine and describe; the timing is that until now (see :func:`timing_of`)."""
    labels = [analyzed.phase.label for analyzed in analysis.phases]
    travels = {vessel.abbreviation: _travel(vessel.abbreviation, analysis) for vessel in VESSELS}
    rankings = {name: _rank(name, analysis, travels[name]) for name in travels}
    overall = order.rank_overall(rankings, labels)
    with stopwatch.span("recombine"):
        joined = {name: _recombine(name, analysis, rankings[name]) for name in analysis.scores}
    common = common_lengths(analysis.phases)
    vessels = [
        _vessel(vessel, analysis, travels[vessel.abbreviation], rankings[vessel.abbreviation], joined, common)
        for vessel in VESSELS
    ]
    described = _study(study, analysis.phases, override)
    result = schema.Result(
        notice=NOTICE,
        scanserve_version=own_version(),
        created=datetime.now(timezone.utc),
        study=described,
        warnings=_warnings(study, described, vessels, overall.best),
        overall=_ranking(overall),
        vessels=vessels,
        server=origin.server,
        models=list(origin.models),
        timing=timing_of(stopwatch),
    )
    return result, _views(analysis, joined, overall.best)


# --- ranking and recombination ------------------------------------------------------------------------------


def _travel(name: str, analysis: Analysis) -> list[float | None]:
    """How far the vessel moves around each phase, in the study's order."""
    trees = [analyzed.vessels[name].tree for analyzed in analysis.phases]
    return travel(
        [analyzed.phase.percent for analyzed in analysis.phases],
        [None if tree is None else tree.path_points() for tree in trees],
    )


def _rank(name: str, analysis: Analysis, travels: Sequence[float | None]) -> order.Ranking:
    scores = analysis.scores.get(name, {})
    return order.rank_vessel(
        [
            _phase_score(analyzed, name, scores, moved)
            for analyzed, moved in zip(analysis.phases, travels, strict=True)
        ]
    )


def _phase_score(
    analyzed: AnalyzedPhase, name: str, scores: Mapping[str, QualityScores], moved: float | None
) -> order.PhaseScore:
    label = analyzed.phase.label
    if label not in scores:
        reason = analyzed.vessels[name].reason
        return order.PhaseScore(label, reason="" if reason is None else reason.message)
    own = scores[label]
    return order.PhaseScore(label, own.quality, own.ranking, percent=analyzed.phase.percent, travel_mm=moved)


def _recombine(name: str, analysis: Analysis, ranked: order.Ranking) -> tuple[Recombined, list[str]]:
    """The best-of-phases image and the labels that its sources index."""
    scores = analysis.scores[name]
    labels = [analyzed.phase.label for analyzed in analysis.phases if analyzed.phase.label in scores]
    joined = recombine(
        [scores[label].image for label in labels],
        [scores[label].length_mm for label in labels],
        np.stack([scores[label].section_quality for label in labels]),
        preferred=labels.index(ranked.best) if ranked.best else 0,
    )
    return joined, labels


# --- parts of the result ------------------------------------------------------------------------------------


def _study(study: Study, phases: Sequence[AnalyzedPhase], override: str | None) -> schema.StudyInfo:
    infos = [_phase(analyzed) for analyzed in phases]
    return schema.StudyInfo(
        study_instance_uid=study.study_instance_uid,
        files=sum(info.files for info in infos) + sum(group.count for group in study.skipped),
        phases=infos,
        skipped=skipped_of(study.skipped),
        warnings=findings_of(study.warnings),
        eligible=not any(info.ineligible for info in infos),
        override=override,
    )


def _phase(analyzed: AnalyzedPhase) -> schema.PhaseInfo:
    phase = analyzed.phase
    return schema.PhaseInfo(
        label=phase.label,
        percent=phase.percent,
        trigger_ms=phase.trigger_ms,
        explanation=phase.explanation,
        series_instance_uid=phase.series_instance_uid,
        files=len(phase.files),
        shape=phase.shape,
        spacing_mm=phase.spacing,
        findings=findings_of(phase.findings),
        ineligible=findings_of(analyzed.ineligible),
    )


def _vessel(
    vessel: Vessel,
    analysis: Analysis,
    travels: Sequence[float | None],
    ranked: order.Ranking,
    joined: Mapping[str, tuple[Recombined, list[str]]],
    common: Mapping[str, float],
) -> schema.VesselResult:
    name = vessel.abbreviation
    found = name in analysis.scores
    return schema.VesselResult(
        vessel=name,
        name=vessel.name,
        snomed=vessel.snomed,
        scct_segments=list(vessel.scct_segments),
        found=found,
        reason=None if found else _never_found(vessel, analysis.phases),
        common_length_mm=common.get(name),
        ranking=_ranking(ranked),
        best_of_phases=_best_of_phases(*joined[name], common[name]) if found else None,
        phases=[
            _vessel_phase(analyzed, name, analysis.scores.get(name, {}), moved)
            for analyzed, moved in zip(analysis.phases, travels, strict=True)
        ],
    )


def _never_found(vessel: Vessel, phases: Sequence[AnalyzedPhase]) -> schema.Finding:
    """The reason of the phase in which the vessel was seen best."""
    seen = [analyzed.vessels[vessel.abbreviation] for analyzed in phases]
    reasons = [(one.presence, one.reason.code, one.reason.message) for one in seen if one.reason]
    _, code, message = max(reasons)
    return schema.Finding(code=code, message=message)


def _ranking(ranked: order.Ranking) -> schema.Ranking:
    return schema.Ranking(
        best=ranked.best,
        order=[
            schema.RankedPhase(phase=one.phase, position=one.position, score=one.score, note=one.note)
            for one in ranked.order
        ],
        near_ties=list(ranked.near_ties),
        confidence=ranked.confidence,
        explanation=ranked.explanation,
    )


def _vessel_phase(
    analyzed: AnalyzedPhase, name: str, scores: Mapping[str, QualityScores], moved: float | None
) -> schema.VesselPhase:
    found, score = analyzed.vessels[name], scores.get(analyzed.phase.label)
    return schema.VesselPhase(
        phase=analyzed.phase.label,
        presence=round(found.presence, 4),
        found=score is not None,
        reason=None if found.reason is None else findings_of([found.reason])[0],
        length_mm=None if found.tree is None else round(found.tree.length_mm, 2),
        scored_length_mm=None if score is None else round(score.length_mm, 2),
        tree=None if found.tree is None else _tree(found.tree),
        travel_mm=None if moved is None else round(moved, 3),
        quality=None if score is None else _quality(score),
    )


def _tree(tree: VesselTree) -> schema.Tree:
    points = np.round(tree.points, 3).tolist()
    radii = [round(float(r), 3) if np.isfinite(r) else None for r in tree.radii]
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
        parent=[int(p) for p in tree.parent],
        main_path=[int(p) for p in tree.main_path],
        branches=branches,
    )


def _quality(score: QualityScores) -> schema.Quality:
    probabilities = np.clip(score.class_probabilities, 0.0, 1.0)
    best = QUALITY_CLASSES[int(np.argmax(probabilities))]
    return schema.Quality(
        quality=_unit(score.quality),
        grade=best.grade,
        quality_class=best.name,
        class_probabilities={
            item.name: _unit(p) for item, p in zip(QUALITY_CLASSES, probabilities, strict=True)
        },
        ranking=float(score.ranking),
        sections=[_section(index, score) for index in range(len(score.section_quality))],
    )


def _section(index: int, score: QualityScores) -> schema.Section:
    inside = score.section_class[index] >= 0 and score.section_quality[index] >= 0
    return schema.Section(
        start_mm=index * SECTION_MM,
        end_mm=_end(index, score.length_mm),
        quality_class=QUALITY_CLASSES[int(score.section_class[index])].name if inside else None,
        quality=_unit(score.section_quality[index]) if inside else None,
    )


def _end(index: int, length_mm: float) -> float:
    """End of a section; the last one with something in it ends with the vessel."""
    start, end = index * SECTION_MM, (index + 1) * SECTION_MM
    return round(min(end, length_mm), 2) if length_mm > start else end


def _unit(value: float) -> float:
    """Into 0 to 1, where rounding may have left it."""
    return round(float(np.clip(value, 0.0, 1.0)), 5)


def _best_of_phases(joined: Recombined, labels: Sequence[str], length_mm: float) -> schema.BestOfPhases:
    sections = [
        schema.SectionSource(
            start_mm=index * SECTION_MM,
            end_mm=_end(index, length_mm),
            phase=labels[source],
            quality=_unit(joined.quality[index]),
        )
        for index, source in enumerate(joined.sources.tolist())
        if source >= 0
    ]
    end = sections[-1].end_mm if sections else 0.0
    return schema.BestOfPhases(length_mm=end, switches=joined.switches, sections=sections)


# --- warnings -----------------------------------------------------------------------------------------------


def _warnings(
    study: Study, described: schema.StudyInfo, vessels: Sequence[schema.VesselResult], best: str | None
) -> list[schema.Finding]:
    found: list[schema.Finding] = []
    if not described.eligible:
        message = f"The study is not eligible and was analysed all the same, because: {described.override}"
        found.append(schema.Finding(code="ineligible-overridden", message=message))
        found += _distinct(item for phase in described.phases for item in phase.ineligible)
    if len(described.phases) == 1 and not any(item.code == "one-phase" for item in study.warnings):
        message = "The study holds one phase only, so there is nothing to compare it with."
        found.append(schema.Finding(code="one-phase", message=message))
    found += [item for vessel in vessels for item in (*_compromise(vessel, best), *_vessel_warnings(vessel))]
    return found + findings_of(study.warnings)


def _distinct(findings: Iterable[schema.Finding]) -> list[schema.Finding]:
    """Each once; one code may come with different values in different phases."""
    return list(dict.fromkeys(findings))


def _compromise(vessel: schema.VesselResult, overall: str | None) -> list[schema.Finding]:
    """What a vessel loses in the phase that is best overall, where its own best is of a better class."""
    graded = {entry.phase: entry.quality for entry in vessel.phases if entry.quality is not None}
    there, best = graded.get(overall or ""), graded.get(vessel.ranking.best or "")
    if there is None or best is None or there.grade >= best.grade:
        return []
    message = (
        f"In {overall}, the best phase overall, {vessel.vessel} is {there.quality_class} only; "
        f"read {vessel.vessel} in {vessel.ranking.best}, where it is {best.quality_class}."
    )
    return [schema.Finding(code="overall-best-not-best-for-vessel", message=message)]


def _vessel_warnings(vessel: schema.VesselResult) -> list[schema.Finding]:
    if vessel.common_length_mm is None:
        return []
    missing = [entry.phase for entry in vessel.phases if not entry.found]
    short = [
        entry.phase
        for entry in vessel.phases
        if entry.scored_length_mm is not None and entry.scored_length_mm < vessel.common_length_mm - 0.5
    ]
    found = []
    if missing:
        message = f"{vessel.vessel} was not found in {', '.join(missing)}; there it ranks last."
        found.append(schema.Finding(code="vessel-missing-in-phase", message=message))
    if short:
        message = (
            f"{vessel.vessel} could be followed over less than {REACH:.0%} of its usual length in "
            f"{', '.join(short)}; there only that part was scored."
        )
        found.append(schema.Finding(code="vessel-short-in-phase", message=message))
    return found


def _views(analysis: Analysis, joined: Mapping[str, tuple[Recombined, list[str]]], best: str | None) -> Views:
    straightened = {
        name: {label: _cropped(score.image) for label, score in scores.items()}
        for name, scores in analysis.scores.items()
    }
    planes = next((one.planes for one in analysis.phases if one.phase.label == best), ())
    recombined = {name: _cropped(image.image) for name, (image, _) in joined.items()}
    return Views(straightened, recombined, planes, best)


def _cropped(image: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """Without what lies beyond the end."""
    filled = np.flatnonzero((image > BEYOND_HU).any(axis=(1, 2)))
    return image[: filled[-1] + 1] if filled.size else image[:0]
