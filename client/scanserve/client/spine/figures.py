"""The figure of one run: the film with corners, names and Cobb lines, as PNG bytes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from scanserve.client.runs.figure import RenderedFigure
from scanserve.client.runs.style import PT_TICK, new_figure, png_of
from scanserve.client.spine.result import CurveInfo, Result, Vertebra

__all__ = ["CURVE_COLOURS", "render_figures"]

#: Curves from the top down, told apart also by those who see no colours: by their names.
CURVE_COLOURS = ("#ffb000", "#4cc9f0", "#ff6ec7", "#9be564")
_SURE, _DOUBTFUL, _FIXED = "#7fe3ff", "#ff5c5c", "#ffffff"
#: Inches of the film's height, and of the notice below.
_HEIGHT, _NOTICE = 9.0, 0.3
#: Inches that the notice needs.
_LEAST = 6.3
#: Rows of the film that are drawn at most: more than the figure has.
_MOST_ROWS = 1400
#: A Cobb line leads so many widths of a vertebra beyond its ends.
_BEYOND = 0.9


def render_figures(result: Result, values: npt.NDArray[np.float32]) -> list[RenderedFigure]:
    """The overlay.

    Args:
        result: of the run.
        values: the film ``[row, column]``, 0 to 1.
    """
    return [_overlay(result, values)]


def _overlay(result: Result, values: npt.NDArray[np.float32]) -> RenderedFigure:
    rows, columns = result.study.shape
    between_rows, between_columns = result.study.pixel
    width = min(max(_HEIGHT * columns * between_columns / (rows * between_rows), _LEAST), 11.0)
    figure = new_figure(width, _HEIGHT + _NOTICE, result.notice)
    axes = figure.add_axes((0, _NOTICE / (_HEIGHT + _NOTICE), 1, _HEIGHT / (_HEIGHT + _NOTICE)))
    step = max(1, rows // _MOST_ROWS)
    extent = (-0.5, columns - 0.5, rows - 0.5, -0.5)
    axes.imshow(values[::step, ::step], cmap="gray", vmin=0, vmax=1, extent=extent)
    axes.set_aspect(between_rows / between_columns)
    axes.set_xticks([])
    axes.set_yticks([])
    for vertebra in result.vertebrae:
        _draw_vertebra(axes, vertebra, columns)
    for curve, colour in zip(result.curves, CURVE_COLOURS * 5, strict=False):
        _draw_curve(axes, curve, colour)
    angles = ", ".join(
        f"{curve.upper} to {curve.lower} {curve.degrees:.1f} degrees" for curve in result.curves
    )
    return RenderedFigure(
        name="overlay",
        title="Corners and curves",
        caption="The corners of the vertebrae, and the edges between which angles are measured. Red vertebrae are "
        "doubtful; ringed corners were fixed by a reader.",
        alt=f"The film with the corners of 17 vertebrae; curves: {angles or 'none'}.",
        png=png_of(figure),
    )


def _draw_vertebra(axes: Axes, vertebra: Vertebra, columns: int) -> None:
    corners = np.array(vertebra.corners)
    outline = corners[[0, 1, 3, 2, 0]]
    colour = _DOUBTFUL if vertebra.doubts else _SURE
    axes.plot(outline[:, 0], outline[:, 1], color=colour, linewidth=0.7, alpha=0.8)
    axes.plot(corners[:, 0], corners[:, 1], "o", color=colour, markersize=2.2)
    fixed = corners[np.array(vertebra.fixed)]
    axes.plot(fixed[:, 0], fixed[:, 1], "o", markerfacecolor="none", color=_FIXED, markersize=6)
    place = corners[[1, 3]].mean(axis=0)
    axes.annotate(
        vertebra.name,
        place,
        xytext=(5, 0),
        textcoords="offset points",
        color=colour,
        fontsize=PT_TICK,
        va="center",
        clip_on=True,
    )


def _draw_curve(axes: Axes, curve: CurveInfo, colour: str) -> None:
    for edge in (curve.upper_edge, curve.lower_edge):
        start, end = np.array(edge)
        line = np.stack([start - _BEYOND * (end - start), end + _BEYOND * (end - start)])
        axes.plot(line[:, 0], line[:, 1], color=colour, linewidth=1.6)
    ends = np.array([*curve.upper_edge, *curve.lower_edge])
    left = ends[[0, 2]].mean(axis=0) - (np.ptp(ends[:, 0]) * 0.3, 0)
    axes.annotate(
        f"{curve.degrees:.1f}°",
        left,
        color="black",
        fontsize=PT_TICK + 2,
        ha="right",
        va="center",
        clip_on=True,
        bbox={"boxstyle": "round,pad=0.25", "facecolor": colour, "edgecolor": "none"},
    )
