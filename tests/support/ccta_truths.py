"""Made-up truths, and results built from the client's own classes: three straight vessels, a branch on each.

Vessel v runs 120 mm along y from (60 v, 0, 0); its side branch leaves at y = 60 and runs 30 mm along z.
"""

import json
from datetime import datetime, timezone

import numpy as np

from scanserve.client.ccta import result as schema
from scanserve.contracts import NOT_FOR_DIAGNOSIS
from scanserve.contracts.ccta import QUALITY_CLASSES, SECTION_MM, SECTIONS

PERCENTS = (0.0, 40.0, 70.0)
#: Motion blur (mm) of each vessel in each phase.
BLUR = {"RCA": (4.0, 2.0, 0.3), "LAD": (2.0, 0.4, 1.0), "LCX": (1.1, 2.2, 0.2)}
RADIUS = 1.5
STEP = 0.5


def main_path(vessel, length=120.0):
    """(N, 3) mm."""
    y = np.arange(0.0, length + STEP / 2, STEP)
    return np.column_stack([np.full_like(y, 60.0 * list(BLUR).index(vessel)), y, np.zeros_like(y)])


def side_branch(vessel):
    """(N, 3) mm, from a point of the main path on."""
    z = np.arange(0.0, 30.0 + STEP / 2, STEP)
    return np.column_stack([np.full_like(z, 60.0 * list(BLUR).index(vessel)), np.full_like(z, 60.0), z])


def truth(percents=PERCENTS, blur=BLUR):
    """The content of a truth.json."""
    return {
        "version": 1,
        "notice": NOT_FOR_DIAGNOSIS,
        "seed": 1,
        "percents": list(percents),
        "vessels": [_true_vessel(vessel, percents, blur[vessel]) for vessel in blur],
    }


def _true_vessel(vessel, percents, blur):
    lines = [main_path(vessel), side_branch(vessel)]
    branches = [
        {"name": name, "main": not number, "radii_mm": [RADIUS] * len(line)}
        for number, (name, line) in enumerate(zip((vessel, "side"), lines, strict=True))
    ]
    phases = [
        {
            "percent": percent,
            "blur_mm": mm,
            "section_blur_mm": [
                round(mm * (1 + 0.01 * n), 4) if n * SECTION_MM < 120 else None for n in range(SECTIONS)
            ],
            "points_mm": [line.tolist() for line in lines],
        }
        for percent, mm in zip(percents, blur, strict=True)
    ]
    return {"abbreviation": vessel, "branches": branches, "phases": phases}


def result(
    percents=PERCENTS, blur=BLUR, *, missing=(), order=None, offset_mm=0.0, length_mm=120.0, branch=True
):
    """A result that finds everything, but for what the options say.

    ``missing`` holds (vessel, percent); ``order`` maps a vessel (or "overall") to percents, best first;
    ``offset_mm`` moves the lines along x; ``length_mm`` cuts the main paths; ``branch`` leaves the others out.
    """
    order = order or {}
    overall = np.mean([blur[vessel] for vessel in blur], axis=0)
    vessels = []
    for vessel in blur:
        best = [p for p in order.get(vessel, _by(percents, blur[vessel])) if (vessel, p) not in missing]
        phases = [
            _phase(vessel, p, mm, None if (vessel, p) in missing else (offset_mm, length_mm, branch))
            for p, mm in zip(percents, blur[vessel], strict=True)
        ]
        vessels.append(_vessel(vessel, _ranking(best, percents), phases))
    return schema.Result(
        notice=NOT_FOR_DIAGNOSIS,
        scanserve_version="0",
        created=datetime(2025, 1, 1, tzinfo=timezone.utc),
        study=_study(percents),
        warnings=[],
        overall=_ranking(order.get("overall", _by(percents, overall)), percents),
        vessels=vessels,
        server=schema.Server(name="triton", version="0", embedded=True),
        models=[],
        timing=schema.Timing(total_s=0, spans=[]),
    )


def write(folder, truth=None, result=None):
    """Write truth.json and result.json; returns both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    files = folder / "truth.json", folder / "result.json"
    if truth is not None:
        files[0].write_text(json.dumps(truth))
    if result is not None:
        files[1].write_text(result.to_json())
    return files


def label(percent):
    """The result's name of a phase."""
    return f"{percent:g} %"


def _by(percents, blur):
    return [percents[i] for i in np.argsort(blur)]


def _ranking(best, percents):
    last = [p for p in percents if p not in best]
    order = [
        schema.RankedPhase(phase=label(p), position=n, score=-float(n), note="")
        for n, p in enumerate(best, 1)
    ]
    order += [
        schema.RankedPhase(phase=label(p), position=len(best) + 1, score=None, note="not scored")
        for p in last
    ]
    confidence = "clear" if best else "not-scored"
    first = label(best[0]) if best else None
    return schema.Ranking(best=first, order=order, near_ties=[], confidence=confidence, explanation="")


def _vessel(vessel, ranking, phases):
    found = any(phase.found for phase in phases)
    return schema.VesselResult(
        vessel=vessel,
        name=vessel,
        snomed="",
        scct_segments=[],
        found=found,
        reason=None,
        common_length_mm=120.0 if found else None,
        ranking=ranking,
        best_of_phases=None,
        phases=phases,
    )


def _phase(vessel, percent, blur, shape):
    reason = None if shape else schema.Finding(code="vessel-not-seen", message="not seen.")
    length = shape[1] if shape else None
    return schema.VesselPhase(
        phase=label(percent),
        presence=0.9,
        found=bool(shape),
        reason=reason,
        length_mm=length,
        scored_length_mm=length,
        tree=_tree(vessel, *shape) if shape else None,
        quality=_quality(blur, length) if shape else None,
    )


def _tree(vessel, offset_mm, length_mm, branch):
    main, side = main_path(vessel, length_mm), side_branch(vessel)[1:] if branch else np.empty((0, 3))
    joint, count = int(60 / STEP), len(main)
    parent = [-1, *range(count - 1)]
    branches = []
    if len(side):
        parent += [joint, *range(count, count + len(side) - 1)]
        numbers = [joint, *range(count, count + len(side))]
        branches = [schema.Branch(points=numbers, parent=-1, length_mm=30.0)]
    points = np.concatenate([main, side])
    points[:, 0] += offset_mm
    return schema.Tree(
        points_mm=[tuple(point) for point in points.tolist()],
        radii_mm=[RADIUS] * len(points),
        parent=parent,
        main_path=list(range(count)),
        branches=branches,
    )


def _quality(blur, length):
    nearest = min(QUALITY_CLASSES, key=lambda item: abs(np.log(item.blur_mm / blur)))
    return schema.Quality(
        quality=1 / (1 + blur),
        grade=nearest.grade,
        quality_class=nearest.name,
        class_probabilities={},
        ranking=-blur,
        sections=[_section(number, blur, length, nearest.name) for number in range(SECTIONS)],
    )


def _section(number, blur, length, quality_class):
    start_mm = number * SECTION_MM
    scored = start_mm < length
    return schema.Section(
        start_mm=start_mm,
        end_mm=start_mm + SECTION_MM,
        quality_class=quality_class if scored else None,
        quality=1 / (1 + blur * (1 + 0.01 * number)) if scored else None,
    )


def _study(percents):
    return schema.StudyInfo(
        study_instance_uid="1.2",
        files=len(percents),
        phases=[_phase_info(percent) for percent in percents],
        skipped=[],
        warnings=[],
        eligible=True,
        override=None,
    )


def _phase_info(percent):
    return schema.PhaseInfo(
        label=label(percent),
        percent=percent,
        trigger_ms=None,
        explanation="",
        series_instance_uid="1.2",
        files=1,
        shape=(1, 1, 1),
        spacing_mm=(1.0, 1.0, 1.0),
        findings=[],
        ineligible=[],
    )
