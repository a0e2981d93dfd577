"""The figures of one run, as PNG bytes (matplotlib's object interface; no global state, no display).

Colours are safe for colour-blind readers: Okabe and Ito's for the vessels, cividis for quality.  Lengths are
in millimetres.  Every figure carries the notice.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from scanserve.client.ccta.notice import NOTICE
from scanserve.client.ccta.result import BestOfPhases, PhaseInfo, Result, TimeSpan, VesselPhase, VesselResult
from scanserve.client.ccta.views import Overlay, PlaneView, Views
from scanserve.client.runs import figure as shared
from scanserve.contracts.ccta import CROSS_PIXEL_MM, CROSS_SIZE, QUALITY_CLASSES, STEP_MM

__all__ = ["VESSEL_COLOURS", "RenderedFigure", "render_figures", "render_waterfall"]

#: Okabe and Ito (2008): distinct for every common form of colour blindness, and in grey.
VESSEL_COLOURS = {"RCA": "#D55E00", "LAD": "#0072B2", "LCX": "#009E73"}
_MARKERS = {"RCA": "o", "LAD": "s", "LCX": "^"}
#: Level 300, width 800 HU: contrast-filled lumen and fat both inside the window.
CT_WINDOW = (-100.0, 700.0)
#: Wider for projections, where calcium and bone would otherwise saturate.
PLANE_WINDOW = (-200.0, 800.0)
_QUALITY = colormaps["cividis"]
_DPI = 110
_INK, _MUTED, _ACCENT = "#1a1d21", "#5c6570", "#B8860B"
_STRIP_MM = CROSS_SIZE * CROSS_PIXEL_MM
_BAR_MM = 3.0
#: Width of the strips; the rest of the figure is for the words beside them.
_STRIP_INCHES = 6.7
#: A short vessel is not blown up beyond this length's scale.
_LEAST_MM = 110.0
_ROW_MM = _STRIP_MM + _BAR_MM + 5.0


@dataclass(frozen=True)
class RenderedFigure(shared.RenderedFigure):
    """A figure of one vessel, or of all."""

    vessel: str | None = None


def render_figures(result: Result, views: Views) -> list[RenderedFigure]:
    """Every figure but the waterfall, in the order of the report."""
    figures = [_quality_figure(result)]
    figures += [_phases_figure(vessel, result, views) for vessel in result.vessels if vessel.found]
    if views.recombined:
        figures.append(_strip_figure(result, views))
    if views.planes:
        figures.append(_planes_figure(views))
    return figures


def render_waterfall(spans: Sequence[TimeSpan]) -> RenderedFigure:
    """Where the time went: one row per stage, one bar per piece of work."""
    stages = list(dict.fromkeys(span.stage for span in spans))
    inches = 0.32 * max(len(stages), 1)
    height = inches + 1.0
    figure = _figure(9.5, height)
    axes = figure.add_axes((0.13, 0.85 / height, 0.74, inches / height))
    for row, stage in enumerate(stages):
        _draw_stage(axes, row, [span for span in spans if span.stage == stage])
    axes.set_yticks(range(len(stages)), stages)
    axes.set_ylim(len(stages) - 0.4, -0.6)
    axes.set_xlim(left=0)
    axes.set_xlabel("seconds from the start")
    axes.grid(axis="x", color="#e3e6ea", linewidth=0.6)
    axes.set_axisbelow(True)
    return RenderedFigure(
        "timing", "Where the time went",
        "One bar per piece of work; stages overlap because they run at the same time. At the right, each "
        "stage's seconds in sum.",
        "Timeline of the processing stages.", _png(figure),
    )  # fmt: skip


def _draw_stage(axes: Axes, row: int, spans: Sequence[TimeSpan]) -> None:
    colours = ["#33638d", "#7fa3c4"]
    bars = [(span.start_s, max(span.duration_s, 1e-3)) for span in spans]
    axes.broken_barh(bars, (row - 0.32, 0.64), facecolors=[colours[i % 2] for i in range(len(bars))])
    total = sum(span.duration_s for span in spans)
    axes.text(1.01, row, f"{total:.2f} s", transform=axes.get_yaxis_transform(), va="center", color=_MUTED)


# --- quality by phase ---------------------------------------------------------------------------------------


def _quality_figure(result: Result) -> RenderedFigure:
    phases = _sorted_phases(result)
    moved = any(entry.travel_mm is not None for vessel in result.vessels for entry in vessel.phases)
    figure = _figure(9.5, 6.2 if moved else 3.9)
    axes = figure.add_axes((0.175, 0.47, 0.725, 0.49) if moved else (0.175, 0.21, 0.725, 0.74))
    if moved:
        _draw_travels(figure.add_axes((0.175, 0.13, 0.725, 0.25)), result.vessels, phases)
    for item in QUALITY_CLASSES:
        axes.axhline(item.weight, color="#d5d9de", linewidth=0.8, zorder=0)
    for vessel in result.vessels:
        _draw_by_phase(axes, vessel, phases, _quality_of)
    _name_phases(axes, phases)
    axes.set_ylim(-0.04, 1.04)
    axes.set_yticks(
        [q.weight for q in QUALITY_CLASSES], [f"{q.name} ({q.weight:.2f})" for q in QUALITY_CLASSES]
    )
    axes.set_xlabel("" if moved else "cardiac phase")
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
    below = " Below: how far its centerline travels to the neighbouring phases." if moved else ""
    return RenderedFigure(
        "quality_by_phase", "Quality by phase",
        f"Weighted motion quality of each vessel in each phase; the large marker is the best phase.{below}",
        "; ".join(_quality_alt(vessel, phases) for vessel in result.vessels), _png(figure),
    )  # fmt: skip


def _draw_travels(axes: Axes, vessels: Sequence[VesselResult], phases: Sequence[PhaseInfo]) -> None:
    """How far each vessel moves around each phase; rest is at the top, as good quality is above."""
    for vessel in vessels:
        _draw_by_phase(axes, vessel, phases, _travel_of)
    _name_phases(axes, phases)
    axes.set_ylim(bottom=0)
    axes.invert_yaxis()
    axes.set_ylabel("travel, mm per\n10 % of R-R")
    axes.set_xlabel("cardiac phase")


def _name_phases(axes: Axes, phases: Sequence[PhaseInfo]) -> None:
    axes.set_xticks(range(len(phases)), [phase.label for phase in phases])
    axes.set_xlim(-0.4, len(phases) - 0.6 if len(phases) > 1 else 0.4)


def _draw_by_phase(
    axes: Axes, vessel: VesselResult, phases: Sequence[PhaseInfo], value: Callable[[VesselPhase], float]
) -> None:
    """A line over the phases; the large marker is the best phase."""
    by_phase = {entry.phase: value(entry) for entry in vessel.phases}
    values = [by_phase[phase.label] for phase in phases]
    colour = VESSEL_COLOURS.get(vessel.vessel, _INK)
    style: dict[str, Any] = {"color": colour, "marker": _MARKERS.get(vessel.vessel, "o")}
    axes.plot(values, label=vessel.vessel, linewidth=1.8, markersize=5, **style)
    if vessel.ranking.best is not None:
        index = [phase.label for phase in phases].index(vessel.ranking.best)
        axes.plot([index], [values[index]], markersize=12, markeredgecolor="white", zorder=5, **style)


def _travel_of(entry: VesselPhase) -> float:
    return float("nan") if entry.travel_mm is None else entry.travel_mm


def _quality_of(entry: VesselPhase) -> float:
    return float("nan") if entry.quality is None else entry.quality.quality


def _quality_alt(vessel: VesselResult, phases: Sequence[PhaseInfo]) -> str:
    by_phase = {entry.phase: entry for entry in vessel.phases}
    scored = [(phase.label, by_phase[phase.label].quality) for phase in phases]
    return f"{vessel.vessel}: " + (
        ", ".join(f"{label} {quality.quality:.2f}" for label, quality in scored if quality) or "not found"
    )


# --- straightened vessel by phase ---------------------------------------------------------------------------


def _phases_figure(vessel: VesselResult, result: Result, views: Views) -> RenderedFigure:
    phases = _sorted_phases(result)
    images = views.straightened.get(vessel.vessel, {})
    figure, axes, extent = _strip_axes(len(phases), _longest(vessel))
    for row, phase in enumerate(phases):
        entry = next(entry for entry in vessel.phases if entry.phase == phase.label)
        _draw_phase(axes, row * _ROW_MM, entry, images.get(phase.label), extent)
    _label_rows(axes, [_row_label(phase.label, vessel) for phase in phases], vessel)
    _quality_scale(figure)
    best = vessel.ranking.best
    return RenderedFigure(
        f"{vessel.vessel.lower()}_by_phase", f"{vessel.vessel} straightened, by phase",
        "Longitudinal cut of the straightened vessel, ostium at the left. The bar below each phase is the "
        "section's quality: bright is sharp, dark is blurred. The frame marks the best phase.",
        f"{vessel.name} straightened in {len(phases)} phases; best phase {best}.", _png(figure),
        vessel.vessel,
    )  # fmt: skip


def _draw_phase(axes: Axes, top: float, entry: VesselPhase, image: npt.NDArray | None, extent: float) -> None:
    if image is None or entry.quality is None:
        reason = entry.reason.message if entry.reason else "not scored"
        axes.add_patch(Rectangle((0, top), extent, _STRIP_MM, facecolor="#eef0f2", edgecolor="none"))
        axes.text(2, top + _STRIP_MM / 2, f"not found: {reason}", va="center", fontsize=8, color=_MUTED)
        return
    _draw_cut(axes, image, top)
    for section in entry.quality.sections:
        if section.quality is not None:
            _draw_section(axes, section.start_mm, section.end_mm, top + _STRIP_MM + 0.4, section.quality)
    label = f"{entry.quality.quality:.2f}  {entry.quality.quality_class}"
    axes.text(extent + 2, top + _STRIP_MM / 2, label, va="center", fontsize=9, color=_INK)


def _draw_cut(axes: Axes, image: npt.NDArray, top: float) -> None:
    """Draw the longitudinal cut through the centerline (the mean of the two middle rows)."""
    middle = image.shape[1] // 2
    cut = image[:, middle - 1 : middle + 1, :].mean(axis=1).T
    extent = (0.0, image.shape[0] * STEP_MM, top + _STRIP_MM, top)
    vmin, vmax = CT_WINDOW
    axes.imshow(
        cut, cmap="gray", vmin=vmin, vmax=vmax, extent=extent, interpolation="bilinear", aspect="auto"
    )


def _draw_section(axes: Axes, start: float, end: float, top: float, quality: float) -> None:
    box = (start + 0.15, top), max(end - start - 0.3, 0.1), _BAR_MM
    axes.add_patch(Rectangle(*box, facecolor=_QUALITY(quality), edgecolor="#888888", linewidth=0.3))


def _row_label(label: str, vessel: VesselResult) -> str:
    return f"best  {label}" if label == vessel.ranking.best else label


def _label_rows(axes: Axes, labels: Sequence[str], vessel: VesselResult) -> None:
    axes.set_yticks([row * _ROW_MM + _STRIP_MM / 2 for row in range(len(labels))], labels)
    for row, (tick, label) in enumerate(zip(axes.get_yticklabels(), labels, strict=True)):
        if label.startswith("best"):
            tick.set_fontweight("bold")
            left, right = axes.get_xlim()
            frame = (left, row * _ROW_MM - 1.2), right - left, _STRIP_MM + _BAR_MM + 2.2
            colour = VESSEL_COLOURS.get(vessel.vessel, _ACCENT)
            axes.add_patch(Rectangle(*frame, fill=False, edgecolor=colour, linewidth=2.2, clip_on=False))


def _longest(vessel: VesselResult) -> float:
    lengths = [entry.scored_length_mm for entry in vessel.phases if entry.scored_length_mm]
    return max(lengths, default=0.0)


def _strip_axes(rows: int, length_mm: float) -> tuple[Figure, Axes, float]:
    """Axes for ``rows`` strips of true proportions, the longest ``length_mm`` long."""
    extent = max(length_mm, _LEAST_MM) + 2
    inches = _STRIP_INCHES / extent
    height = rows * _ROW_MM * inches
    top, bottom = 0.15, 1.05
    figure = _figure(9.5, height + top + bottom)
    total = height + top + bottom
    axes = figure.add_axes((0.11, bottom / total, _STRIP_INCHES / 9.5, height / total))
    axes.set_xlabel("distance from the ostium (mm)")
    axes.set_xlim(0, extent)
    axes.set_autoscale_on(False)
    axes.set_ylim(rows * _ROW_MM - 3.5, -1.5)
    axes.tick_params(axis="y", length=0)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    return figure, axes, extent


def _quality_scale(figure: Figure) -> None:
    axes = figure.add_axes((0.62, 0.42 / figure.get_figheight(), 0.26, 0.11 / figure.get_figheight()))
    bar = figure.colorbar(ScalarMappable(Normalize(0, 1), _QUALITY), cax=axes, orientation="horizontal")
    bar.set_ticks([item.weight for item in QUALITY_CLASSES], labels=[item.name for item in QUALITY_CLASSES])
    bar.ax.tick_params(labelsize=7, length=2)
    bar.ax.set_title("section quality", fontsize=7, pad=2, color=_MUTED)


# --- best of phases -----------------------------------------------------------------------------------------


def _strip_figure(result: Result, views: Views) -> RenderedFigure:
    vessels = [
        vessel for vessel in result.vessels if vessel.best_of_phases and vessel.vessel in views.recombined
    ]
    figure, axes, extent = _strip_axes(2 * len(vessels), max(_longest(vessel) for vessel in vessels))
    labels = []
    for row, vessel in enumerate(vessels):
        labels += _draw_strip(axes, 2 * row * _ROW_MM, vessel, views, extent)
    axes.set_yticks([row * _ROW_MM + _STRIP_MM / 2 for row in range(len(labels))], labels)
    _quality_scale(figure)
    return RenderedFigure(
        "best_of_phases", "Best of phases",
        "For each vessel: the best single phase, and below it the image joined from the best section of "
        "every phase, with the phase that each part came from. Phases are joined by distance from the "
        "ostium, without registration.",
        "; ".join(_strip_alt(vessel) for vessel in vessels), _png(figure),
    )  # fmt: skip


def _draw_strip(axes: Axes, top: float, vessel: VesselResult, views: Views, extent: float) -> list[str]:
    best = next(entry for entry in vessel.phases if entry.phase == vessel.ranking.best)
    _draw_phase(axes, top, best, views.straightened[vessel.vessel].get(best.phase), extent)
    lower = top + _ROW_MM
    _draw_cut(axes, views.recombined[vessel.vessel], lower)
    for section in _joined(vessel).sections:
        _draw_section(axes, section.start_mm, section.end_mm, lower + _STRIP_MM + 0.4, section.quality)
    for start, end, phase in _runs(vessel):
        _draw_source(axes, start, end, phase, lower, VESSEL_COLOURS.get(vessel.vessel, _ACCENT))
    axes.text(extent + 2, lower + _STRIP_MM / 2, _seams(vessel), va="center", fontsize=9)
    return [f"{vessel.vessel}  {best.phase}", f"{vessel.vessel}  joined"]


def _joined(vessel: VesselResult) -> BestOfPhases:
    assert vessel.best_of_phases is not None, "only vessels that were found are drawn"
    return vessel.best_of_phases


def _seams(vessel: VesselResult) -> str:
    count = _joined(vessel).switches
    return "one phase" if count == 0 else f"{count} seam{'s' if count > 1 else ''}"


def _draw_source(axes: Axes, start: float, end: float, phase: str, top: float, colour: str) -> None:
    if start > 0:
        axes.plot([start, start], [top - 0.8, top + _STRIP_MM + _BAR_MM + 0.8], color=colour, linewidth=1.4)
    box = {"boxstyle": "round,pad=0.15", "facecolor": "black", "alpha": 0.55, "edgecolor": "none"}
    axes.text((start + end) / 2, top + 1.0, phase, ha="center", va="top", fontsize=8, color="white", bbox=box)


def _runs(vessel: VesselResult) -> Iterator[tuple[float, float, str]]:
    """Stretches of the joined image that come from one phase: (start mm, end mm, phase)."""
    sections = _joined(vessel).sections
    begin = 0
    for index in range(1, len(sections) + 1):
        if index == len(sections) or sections[index].phase != sections[begin].phase:
            yield sections[begin].start_mm, sections[index - 1].end_mm, sections[begin].phase
            begin = index


def _strip_alt(vessel: VesselResult) -> str:
    runs = ", ".join(f"{start:.0f} to {end:.0f} mm from {phase}" for start, end, phase in _runs(vessel))
    return f"{vessel.vessel}: {runs}"


# --- projections --------------------------------------------------------------------------------------------


def _planes_figure(views: Views) -> RenderedFigure:
    widths = [abs(plane.extent[1] - plane.extent[0]) for plane in views.planes]
    left, available = 0.065, 0.925 - 0.055 * (len(widths) - 1)
    tallest = max(abs(plane.extent[3] - plane.extent[2]) for plane in views.planes)
    inches = 9.5 * available / sum(widths) * tallest
    figure = _figure(9.5, inches + 1.35)
    for plane, width in zip(views.planes, widths, strict=True):
        share = available * width / sum(widths)
        _draw_plane(figure.add_axes((left, 0.98 / (inches + 1.35), share, inches / (inches + 1.35))), plane)
        left += share + 0.055
    handles = [
        Rectangle((0, 0), 1, 1, color=VESSEL_COLOURS.get(o.vessel, _INK)) for o in views.planes[0].overlays
    ]
    names = [overlay.vessel for overlay in views.planes[0].overlays]
    figure.legend(
        handles,
        names,
        loc="lower center",
        ncols=3,
        frameon=False,
        bbox_to_anchor=(0.5, 0.16 / (inches + 1.35)),
    )
    return RenderedFigure(
        "projections", f"Heat maps and centerlines over the CT, {views.plane_phase}",
        "Maximum-intensity projections of the region around the coronary arteries in the best phase. Shaded: "
        "the networks' heat maps; lines: main paths (thick) and branches (thin); dots: the ostia.",
        "Axial, coronal and sagittal projections with the vessels' centerlines.", _png(figure),
    )  # fmt: skip


def _draw_plane(axes: Axes, plane: PlaneView) -> None:
    vmin, vmax = PLANE_WINDOW
    axes.imshow(plane.image, cmap="gray", vmin=vmin, vmax=vmax, extent=plane.extent, aspect="equal")
    axes.set_autoscale_on(False)
    for overlay in plane.overlays:
        _draw_overlay(axes, overlay)
    axes.set_title(plane.name, fontsize=10)
    axes.set_xlabel(plane.axes[0], fontsize=8)
    axes.set_ylabel(plane.axes[1], fontsize=8, labelpad=1)
    axes.tick_params(labelsize=7)


def _draw_overlay(axes: Axes, overlay: Overlay) -> None:
    colour = VESSEL_COLOURS.get(overlay.vessel, _INK)
    glow = LinearSegmentedColormap.from_list(overlay.vessel, [(*_rgb(colour), 0.0), (*_rgb(colour), 0.6)])
    axes.imshow(overlay.heat, cmap=glow, vmin=0.1, vmax=1, extent=overlay.extent, aspect="equal")
    for branch in overlay.branches:
        axes.plot(branch[:, 0], branch[:, 1], color=colour, linewidth=1.1)
    axes.plot(overlay.path[:, 0], overlay.path[:, 1], color="white", linewidth=2.8, alpha=0.7)
    axes.plot(overlay.path[:, 0], overlay.path[:, 1], color=colour, linewidth=1.8)
    axes.plot(*overlay.path[0], marker="o", markersize=5, color=colour, markeredgecolor="white")


def _rgb(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))


# --- shared -------------------------------------------------------------------------------------------------


def _sorted_phases(result: Result) -> list[PhaseInfo]:
    key: Callable[[PhaseInfo], float] = lambda phase: np.inf if phase.percent is None else phase.percent  # noqa: E731
    return sorted(result.study.phases, key=key)


def _figure(width: float, height: float) -> Figure:
    figure = Figure(figsize=(width, height), dpi=_DPI, facecolor="white")
    FigureCanvasAgg(figure)
    figure.text(0.5, 0.06 / height, NOTICE, ha="center", va="bottom", fontsize=6.5, color=_MUTED)
    return figure


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None}, pil_kwargs={"compress_level": 4})
    return buffer.getvalue()
