"""The figures of one run, in the Cool colour map that readers of ioflupane SPECT use, as PNG bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from scanserve.client.dat.result import Restoration, Result
from scanserve.client.runs.figure import RenderedFigure
from scanserve.client.runs.style import INK, PT_LABEL, PT_TICK, PT_TITLE, new_figure, png_of

__all__ = ["render_figures"]

_COOL = "cool"
#: The difference is shown from minus to plus this share of the slice's greatest count.
_DIFFERENCE = 0.3
#: Where x, y and z lead, and where they come from.
_WAYS = (("left", "right"), ("posterior", "anterior"), ("superior", "inferior"))
#: Inches: an image with what is left free around it, and the margins of a figure.
_CELL, _GAP, _LEFT, _RIGHT, _BOTTOM = 2.1, 0.28, 0.35, 0.85, 0.3
#: Inches that the notice needs.
_LEAST = 6.3


def render_figures(result: Result) -> list[RenderedFigure]:
    """All methods side by side in the central slice, then every slice of every method."""
    return [_comparison(result), *(_slices(result, restoration) for restoration in result.restorations)]


def _comparison(result: Result) -> RenderedFigure:
    """The central slice, as acquired and as each method restored it."""
    middle = len(result.selected.frames) // 2
    images = {"as acquired": result.input.to_array()[middle]}
    images |= {made.title: made.image.to_array()[middle] for made in result.restorations}
    columns = min(len(images), 4)
    rows = -(-len(images) // columns)
    figure, axes = _grid(rows, columns, result.notice)
    for axis, (title, image) in zip(axes, images.items(), strict=False):
        shown = _show(axis, image, title)
    for axis in axes[len(images) :]:
        axis.set_visible(False)
    _bar(figure, shown, (0, rows), rows, "share of the greatest count")
    number = result.selected.frames[middle]
    titles = ", ".join(made.title for made in result.restorations)
    return RenderedFigure(
        name="comparison",
        title="Central slice",
        caption=f"Slice {number} of the source, the one of greatest count, as acquired and restored. One colour scale "
        f"for all: 0 to the greatest count of the acquired slice. {_sides(result)}",
        alt=f"Slice {number} as acquired and as restored by {titles}.",
        png=png_of(figure),
    )


def _slices(result: Result, restoration: Restoration) -> RenderedFigure:
    """Five slices: acquired, restored, and what was taken away."""
    before, after = result.input.to_array(), restoration.image.to_array()
    count = len(before)
    figure, axes = _grid(3, count, result.notice)
    for column, number in enumerate(result.selected.frames):
        shown = _show(axes[column], before[column], f"slice {number}")
        _show(axes[count + column], after[column], "")
        change = _show_change(axes[2 * count + column], after[column] - before[column])
    for row, name in enumerate(("as acquired", "restored", "restored - acquired")):
        axes[row * count].set_ylabel(name, color=INK)
    _bar(figure, shown, (0, 2), 3, "share of the greatest count")
    _bar(figure, change, (2, 3), 3, "change")
    title = restoration.title
    return RenderedFigure(
        name=restoration.method,
        title=title,
        caption=f"{title}: the five slices as acquired, restored, and what changed. Structure in the last row is "
        "signal that was taken away or added; noise alone has none.",
        alt=f"Five slices as acquired, restored by {title}, and their difference.",
        png=png_of(figure),
    )


def _sides(result: Result) -> str:
    """Which way the patient lies in the image, as the source says it; images are shown as they are stored."""
    orientation = result.study.orientation
    if orientation is None:
        return "The source does not say its orientation, so left and right cannot be told apart."
    return (
        f"Right in the image is the patient's {_toward(orientation[:3])}, down is {_toward(orientation[3:])}."
    )


def _toward(direction: Sequence[float]) -> str:
    """Where a direction (LPS) mostly leads."""
    axis = int(np.argmax(np.abs(direction)))
    return _WAYS[axis][0 if direction[axis] > 0 else 1]


def _show(axis: Any, image: npt.NDArray, title: str) -> Any:
    axis.set_title(title, fontsize=PT_TITLE, color=INK)
    return axis.imshow(image, cmap=_COOL, vmin=0, vmax=1, interpolation="nearest")


def _show_change(axis: Any, change: npt.NDArray) -> Any:
    return axis.imshow(change, cmap="RdBu_r", vmin=-_DIFFERENCE, vmax=_DIFFERENCE)


def _grid(rows: int, columns: int, notice: str) -> tuple[Figure, list[Any]]:
    """A figure with rows x columns cells for images, row by row, and room for colour bars on the right.

    Places are computed in inches.
    """
    width, height = max(columns * _CELL + _LEFT + _RIGHT, _LEAST), rows * _CELL + _BOTTOM
    figure = new_figure(width, height, notice)
    axes = []
    for row, column in np.ndindex(rows, columns):
        left, bottom = _LEFT + column * _CELL, _BOTTOM + (rows - 1 - row) * _CELL
        side = _CELL - _GAP
        axis = figure.add_axes((left / width, bottom / height, side / width, side / height))
        axis.set(xticks=[], yticks=[])
        axes.append(axis)
    return figure, axes


def _bar(figure: Figure, shown: Any, part: tuple[int, int], rows: int, label: str) -> None:
    """A colour bar beside the rows from ``part[0]`` up to ``part[1]``."""
    width, height = figure.get_size_inches()
    low = _BOTTOM + (rows - part[1]) * _CELL
    tall = (part[1] - part[0]) * _CELL - _GAP
    place = figure.add_axes(((width - _RIGHT + 0.1) / width, low / height, 0.13 / width, tall / height))
    bar = figure.colorbar(shown, cax=place)
    bar.set_label(label, fontsize=PT_LABEL, color=INK)
    place.tick_params(labelsize=PT_TICK)
