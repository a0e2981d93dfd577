"""Figures of the errors: where centerlines are lost, the worst vessels, confused phases and classes.

Symbols: N points of a true main path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from scipy.spatial import cKDTree

from scanserve.client.ccta.result import Result, VesselPhase
from scanserve.client.ccta.style import VESSEL_STYLES, vessel_style
from scanserve.client.runs.style import PT_LABEL, PT_TICK, new_figure, png_of
from scanserve.contracts import NOT_FOR_DIAGNOSIS
from scanserve.contracts.ccta import QUALITY_CLASSES
from scanserve.evaluation.agreement import confusion
from scanserve.evaluation.ccta.aligned import AlignedResult, read_result
from scanserve.evaluation.ccta.phase import PhaseAccuracy
from scanserve.evaluation.ccta.study import StudyAccuracy
from scanserve.evaluation.ccta.truth import Truth, read_truth
from scanserve.evaluation.ranking import NEAR_BLUR_MM
from scanserve.evaluation.studies import Pair
from scanserve.geometry import arc_length
from scanserve.geometry.types import Array

__all__ = ["Lines", "draw_errors", "draw_worst", "lines_of"]

#: Number of worst vessels drawn; width of the bins along a vessel (mm) and edges of the blur bins (mm).
WORST, ALONG_MM, BLUR_MM = 6, 10.0, (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, np.inf)
#: Colour of missed points (Okabe and Ito's reddish purple), which no vessel uses.
MISSED = "#CC79A7"


@dataclass(frozen=True)
class Lines:
    """One vessel in one phase: true branches (main path first), radii (N,) of the true main path, found main path."""

    title: str
    vessel: str
    true: tuple[Array, ...]
    radii: Array
    found: Array

    def inside(self) -> npt.NDArray[np.bool_]:
        """Whether the found main path passes within the vessel at each point (N,) of the true one."""
        if not len(self.found):
            return np.zeros(len(self.radii), bool)
        return cKDTree(self.found).query(self.true[0])[0] <= np.maximum(self.radii, 0.5)


def draw_errors(studies: Sequence[StudyAccuracy], pairs: Sequence[Pair], path: Path) -> Path:
    """Draw overlap by motion, points found along the vessel, excess blur of the chosen phases, and confused classes.

    Args:
        studies: the evaluated studies.
        pairs: the files of these studies, in the same order.
        path: the PNG to write.
    """
    figure = new_figure(11, 8, NOT_FOR_DIAGNOSIS, arranged=True)
    axes = figure.subplots(2, 2)
    _overlap_by_blur(axes[0, 0], studies)
    _found_along(
        axes[0, 1], [lines for study, pair in zip(studies, pairs, strict=True) for lines in _all(study, pair)]
    )
    _excess(axes[1, 0], studies)
    _classes(axes[1, 1], studies)
    return _saved(figure, path)


def draw_worst(studies: Sequence[StudyAccuracy], pairs: Sequence[Pair], path: Path) -> Path:
    """Draw the vessels with the least overlap, one phase each, from front and left; see :func:`draw_errors`."""
    chosen = sorted(
        (
            (min(vessel.phases, key=lambda phase: phase.centerline.ov), vessel.vessel, number)
            for number, study in enumerate(studies)
            for vessel in study.vessels
        ),
        key=lambda item: item[0].centerline.ov,
    )[:WORST]
    figure = new_figure(11, 6.5, NOT_FOR_DIAGNOSIS, arranged=True)
    axes = figure.subplots(2, WORST, squeeze=False)
    for column, (phase, vessel, number) in zip(axes.T, chosen, strict=False):
        _draw_lines(column, _lines(studies[number], pairs[number], vessel, phase))
    for column in axes.T[len(chosen) :]:
        for axis in column:
            axis.axis("off")
    figure.suptitle(
        "Least overlap: true main path (grey), missed (purple), found (colour); front above, left below"
    )
    return _saved(figure, path)


def _overlap_by_blur(axis: Any, studies: Sequence[StudyAccuracy]) -> None:
    for name, style in VESSEL_STYLES.items():
        phases = [
            phase
            for study in studies
            for vessel in study.vessels
            if vessel.vessel == name
            for phase in vessel.phases
        ]
        bins = np.digitize([phase.blur_mm for phase in phases], BLUR_MM) - 1
        overlap = np.array([phase.centerline.ov for phase in phases])
        binned = [overlap[bins == number] for number in range(len(BLUR_MM) - 1)]
        means = [values.mean() if len(values) else np.nan for values in binned]
        axis.plot(range(len(means)), means, "o-", color=style.colour, label=name)
    edges = [f"{low:g} to {high:g}" for low, high in pairwise(BLUR_MM[:-1])]
    axis.set_xticks(range(len(BLUR_MM) - 1), [*edges, f"over {BLUR_MM[-2]:g}"])
    axis.set(title="Overlap by motion", xlabel="true motion blur, mm", ylabel="mean OV")
    axis.legend()


def _found_along(axis: Any, lines: Sequence[Lines]) -> None:
    for name, style in VESSEL_STYLES.items():
        own = [line for line in lines if line.vessel == name]
        if not own:
            continue
        along_mm = np.concatenate([arc_length(line.true[0]) for line in own])
        inside = np.concatenate([line.inside() for line in own])
        bins = (along_mm // ALONG_MM).astype(int)
        counts = np.bincount(bins)
        share = np.bincount(bins, inside) / np.maximum(counts, 1)
        kept = counts >= 0.05 * counts.max()
        axis.plot((np.flatnonzero(kept) + 0.5) * ALONG_MM, share[kept], "o-", color=style.colour, label=name)
    axis.set(title="Main path found along the vessel", xlabel="mm from the ostium", ylabel="share of points")
    axis.legend()


def _excess(axis: Any, studies: Sequence[StudyAccuracy]) -> None:
    for name, style in VESSEL_STYLES.items():
        excess = np.sort(
            [
                vessel.ranking.excess_blur_mm
                for study in studies
                for vessel in study.vessels
                if vessel.vessel == name and vessel.ranking.excess_blur_mm is not None
            ]
        )
        axis.step(
            excess,
            np.arange(1, len(excess) + 1) / max(len(excess), 1),
            where="post",
            color=style.colour,
            label=name,
        )
    axis.axvline(NEAR_BLUR_MM, color="0.6", linewidth=1)
    axis.set(
        title="Phase chosen as best",
        xlabel="excess blur, mm",
        ylabel="share of studies",
        ylim=(0, 1.02),
    )
    axis.legend(loc="lower right")


def _classes(axis: Any, studies: Sequence[StudyAccuracy]) -> None:
    scored = [
        (phase.true_class, phase.found_class)
        for study in studies
        for vessel in study.vessels
        for phase in vessel.phases
        if phase.found_class is not None
    ]
    truth, found = zip(*scored, strict=True) if scored else ((), ())
    table = confusion(truth, found, len(QUALITY_CLASSES))
    axis.imshow(table / np.maximum(table.sum(axis=1, keepdims=True), 1), cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(table.shape):
        axis.text(column, row, int(table[row, column]), ha="center", va="center")
    names = [item.name for item in QUALITY_CLASSES]
    axis.set_xticks(range(len(names)), names, fontsize=PT_LABEL)
    axis.set_yticks(range(len(names)), names, fontsize=PT_LABEL)
    axis.set(title="Quality class", xlabel="found", ylabel="true")


def _draw_lines(axes: Sequence[Any], lines: Lines) -> None:
    missed = ~lines.inside()
    for axis, across in zip(axes, (0, 1), strict=True):
        for branch in lines.true[1:]:
            axis.plot(branch[:, across], branch[:, 2], color="0.85", linewidth=1)
        main = lines.true[0]
        axis.plot(main[:, across], main[:, 2], color="0.6", linewidth=4, solid_capstyle="round")
        axis.plot(main[missed, across], main[missed, 2], ".", color=MISSED, markersize=4)
        if len(lines.found):
            colour = vessel_style(lines.vessel).colour
            axis.plot(lines.found[:, across], lines.found[:, 2], color=colour, linewidth=1.3)
        axis.set_aspect("equal")
        axis.tick_params(labelsize=6)
    axes[0].set_title(lines.title, fontsize=PT_TICK)


def _all(study: StudyAccuracy, pair: Pair) -> list[Lines]:
    truth, result = _read(pair)
    return [
        lines_of(study, truth, result, vessel.vessel, phase)
        for vessel in study.vessels
        for phase in vessel.phases
    ]


def _lines(study: StudyAccuracy, pair: Pair, vessel: str, phase: PhaseAccuracy) -> Lines:
    return lines_of(study, *_read(pair), vessel, phase)


def _read(pair: Pair) -> tuple[Truth, Result | None]:
    return read_truth(pair.truth), read_result(pair.result) if pair.result else None


def lines_of(
    study: StudyAccuracy, truth: Truth, result: Result | None, name: str, phase: PhaseAccuracy
) -> Lines:
    """The true and the found lines of one vessel of a study in one phase."""
    number = study.percents.index(phase.percent)
    vessel = next(vessel for vessel in truth.vessels if vessel.abbreviation == name)
    entry = AlignedResult.at(truth.percents, result).phases(name)[number]
    title = (
        f"{study.name} {name} {phase.percent:g} %\nOV {phase.centerline.ov:.2f}, blur {phase.blur_mm:.1f} mm"
    )
    return Lines(title, name, tuple(vessel.phases[number].branches()), vessel.radii(), _main_path(entry))


def _main_path(entry: VesselPhase | str) -> Array:
    if isinstance(entry, str) or entry.tree is None:
        return np.empty((0, 3))
    return np.asarray(entry.tree.points_mm, np.float64).reshape(-1, 3)[list(entry.tree.main_path)]


def _saved(figure: Figure, path: Path) -> Path:
    path.write_bytes(png_of(figure))
    return path
