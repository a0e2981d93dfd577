"""The figures of one run, in the Cool colour map that readers of ioflupane SPECT use, as PNG bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from scanserve.client.dat.result import Restoration, Result
from scanserve.client.runs.figure import RenderedFigure
from scanserve.contracts import NOT_FOR_DIAGNOSIS

__all__ = ["render_figures"]

_DPI = 110
_COOL = "cool"
#: The difference is shown from minus to plus this share of the slice's greatest count.
_DIFFERENCE = 0.3
#: Where x, y and z lead, and where they come from.
_WAYS = (("left", "right"), ("posterior", "anterior"), ("superior", "inferior"))
_INK, _MUTED = "#1a1d21", "#5c6570"


def render_figures(result: Result) -> list[RenderedFigure]:
    """All methods side by side in the central slice, then every slice of every method."""
    figures = [_comparison(result)]
    figures += [_slices(result, one) for one in result.restorations]
    return figures


def _comparison(result: Result) -> RenderedFigure:
    """The central slice, as acquired and as each method restored it."""
    middle = len(result.selected.frames) // 2
    images = {"as acquired": result.input.to_array()[middle]}
    images |= {one.title: one.image.to_array()[middle] for one in result.restorations}
    columns = min(len(images), 4)
    rows = -(-len(images) // columns)
    figure = _figure(max(2.5 * columns, 5.6), 2.65 * rows + 0.9)
    axes = np.atleast_2d(figure.subplots(rows, columns, squeeze=False))
    for axis in axes.ravel():
        axis.set_axis_off()
    for axis, (title, image) in zip(axes.ravel(), images.items(), strict=False):
        shown = _show(axis, image, title)
    _bar(figure, shown, axes, "share of the acquired slice's greatest count")
    number = result.selected.frames[middle]
    return RenderedFigure(
        "comparison",
        "Central slice",
        f"Slice {number} of the source, the one of greatest count, as acquired and restored. One colour scale for all: "
        f"0 to the greatest count of the acquired slice. {_sides(result)}",
        f"Slice {number} as acquired and as restored by {', '.join(one.title for one in result.restorations)}.",
        _png(figure),
    )


def _slices(result: Result, one: Restoration) -> RenderedFigure:
    """Five slices: acquired, restored, and what was taken away."""
    before, after = result.input.to_array(), one.image.to_array()
    figure = _figure(2.0 * len(before) + 0.9, 7.2)
    axes = figure.subplots(3, len(before), squeeze=False)
    for column, number in enumerate(result.selected.frames):
        shown = _show(axes[0, column], before[column], f"slice {number}")
        _show(axes[1, column], after[column], "")
        change = axes[2, column].imshow(
            after[column] - before[column], cmap="RdBu_r", vmin=-_DIFFERENCE, vmax=_DIFFERENCE
        )
    for row, name in enumerate(("as acquired", "restored", "restored - acquired")):
        axes[row, 0].set_ylabel(name, color=_INK)
    for axis in axes.ravel():
        axis.set(xticks=[], yticks=[])
    _bar(figure, shown, axes[:2], "share of greatest count")
    _bar(figure, change, axes[2:], "change")
    return RenderedFigure(
        one.method,
        one.title,
        f"{one.title}: the five slices as acquired, restored, and what changed. Structure in the last row is signal "
        "that was taken away or added; noise alone has none.",
        f"Five slices as acquired, restored by {one.title}, and their difference.",
        _png(figure),
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
    axis.set_title(title, fontsize=10, color=_INK)
    return axis.imshow(image, cmap=_COOL, vmin=0, vmax=1, interpolation="nearest")


def _bar(figure: Figure, shown: Any, axes: npt.NDArray, label: str) -> None:
    bar = figure.colorbar(shown, ax=axes, fraction=0.03, pad=0.02, shrink=0.9)
    bar.set_label(label, fontsize=9, color=_INK)
    bar.ax.tick_params(labelsize=8)


def _figure(width: float, height: float) -> Figure:
    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    figure.supxlabel(NOT_FOR_DIAGNOSIS, fontsize=7, color=_MUTED)
    return figure


def _png(figure: Figure) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=_DPI)
    return stream.getvalue()
