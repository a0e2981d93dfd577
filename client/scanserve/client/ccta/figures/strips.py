"""Straightened vessels as strips below each other, the ostium at the left: what two of the figures are made of.

A row is a strip (a cut through the straightened vessel) and below it a bar (the quality of its sections).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy.typing as npt
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from scanserve.client.ccta.result import VesselPhase, VesselResult
from scanserve.client.runs.style import EMPTY, INK, MUTED, PT_LABEL, PT_TEXT, PT_TICK, new_figure
from scanserve.contracts.ccta import CROSS_PIXEL_MM, CROSS_SIZE, QUALITY_CLASSES, STEP_MM

__all__ = ["BAR_MM", "ROW_MM", "STRIP_MM", "Strips", "longest_mm"]

#: Level 300, width 800 HU: contrast-filled lumen and fat both inside the window.
CT_WINDOW = (-100.0, 700.0)
#: Height of a strip, of the bar below it, and of a row.
STRIP_MM = CROSS_SIZE * CROSS_PIXEL_MM
BAR_MM = 3.0
ROW_MM = STRIP_MM + BAR_MM + 5.0
#: Between a strip and its bar, and between the strips and the words beside them.
_BAR_GAP_MM, _WORDS_GAP_MM = 0.4, 2.0
#: A short vessel is not blown up beyond this length's scale.
_LEAST_MM = 110.0
#: The figure, and the strips in it; what is beside them is for words.
_FIGURE_INCHES, _STRIP_INCHES = 9.5, 6.7
_TOP_INCHES, _BOTTOM_INCHES = 0.15, 1.05
_QUALITY = colormaps["cividis"]


def longest_mm(vessel: VesselResult) -> float:
    """The greatest length over which a vessel was scored, 0 where it was not."""
    return max((entry.scored_length_mm or 0.0 for entry in vessel.phases), default=0.0)


@dataclass(frozen=True)
class Strips:
    """A figure with room for strips; ``extent_mm`` is the length of its horizontal axis, rows count from the top."""

    figure: Figure
    axes: Axes
    extent_mm: float

    @classmethod
    def of(cls, rows: int, length_mm: float, notice: str) -> Strips:
        """Room for ``rows`` strips of true proportions, the longest ``length_mm`` long, over the result's notice."""
        extent = max(length_mm, _LEAST_MM) + 2
        height = rows * ROW_MM * _STRIP_INCHES / extent
        total = height + _TOP_INCHES + _BOTTOM_INCHES
        figure = new_figure(_FIGURE_INCHES, total, notice)
        axes = figure.add_axes((0.11, _BOTTOM_INCHES / total, _STRIP_INCHES / _FIGURE_INCHES, height / total))
        axes.set_xlabel("distance from the ostium (mm)")
        axes.set_xlim(0, extent)
        axes.set_autoscale_on(False)
        axes.set_ylim(rows * ROW_MM - 3.5, -1.5)
        axes.tick_params(axis="y", length=0)
        for side in ("left", "right", "top"):
            axes.spines[side].set_visible(False)
        _draw_quality_scale(figure)
        return cls(figure, axes, extent)

    def name_rows(self, labels: Sequence[str]) -> None:
        """Write the rows' names at the left."""
        self.axes.set_yticks([row * ROW_MM + STRIP_MM / 2 for row in range(len(labels))], labels)

    def draw_phase(self, row: int, entry: VesselPhase, image: npt.NDArray | None) -> None:
        """One phase of a vessel: its cut, its sections and its class, or why it was not found."""
        if image is None or entry.quality is None:
            self._draw_missing(row, entry.reason.message if entry.reason else "not scored")
            return
        self.draw_cut(row, image)
        for section in entry.quality.sections:
            if section.quality is not None:
                self.draw_section(row, section.start_mm, section.end_mm, section.quality)
        self.say_beside(row, f"{entry.quality.quality:.2f}  {entry.quality.quality_class}")

    def draw_cut(self, row: int, image: npt.NDArray) -> None:
        """The longitudinal cut through the centerline: the mean of the two middle rows of [step, row, column]."""
        middle, top = image.shape[1] // 2, row * ROW_MM
        cut = image[:, middle - 1 : middle + 1, :].mean(axis=1).T
        self.axes.imshow(
            cut,
            cmap="gray",
            vmin=CT_WINDOW[0],
            vmax=CT_WINDOW[1],
            extent=(0.0, image.shape[0] * STEP_MM, top + STRIP_MM, top),
            interpolation="bilinear",
            aspect="auto",
        )

    def draw_section(self, row: int, start_mm: float, end_mm: float, quality: float) -> None:
        """One section in the bar below a strip, in the colour of its quality."""
        corner = (start_mm + 0.15, row * ROW_MM + STRIP_MM + _BAR_GAP_MM)
        width = max(end_mm - start_mm - 0.3, 0.1)
        colour = _QUALITY(quality)
        self.axes.add_patch(
            Rectangle(corner, width, BAR_MM, facecolor=colour, edgecolor="#888888", linewidth=0.3)
        )

    def say_beside(self, row: int, text: str) -> None:
        """Write at the right of a strip."""
        place = (self.extent_mm + _WORDS_GAP_MM, row * ROW_MM + STRIP_MM / 2)
        self.axes.text(*place, text, va="center", fontsize=PT_TEXT, color=INK)

    def _draw_missing(self, row: int, reason: str) -> None:
        top = row * ROW_MM
        self.axes.add_patch(Rectangle((0, top), self.extent_mm, STRIP_MM, facecolor=EMPTY, edgecolor="none"))
        place = (2, top + STRIP_MM / 2)
        self.axes.text(*place, f"not found: {reason}", va="center", fontsize=PT_LABEL, color=MUTED)


def _draw_quality_scale(figure: Figure) -> None:
    height = figure.get_figheight()
    axes = figure.add_axes((0.62, 0.42 / height, 0.26, 0.11 / height))
    bar = figure.colorbar(ScalarMappable(Normalize(0, 1), _QUALITY), cax=axes, orientation="horizontal")
    bar.set_ticks([item.weight for item in QUALITY_CLASSES], labels=[item.name for item in QUALITY_CLASSES])
    bar.ax.tick_params(labelsize=PT_TICK, length=2)
    bar.ax.set_title("section quality", fontsize=PT_TICK, pad=2, color=MUTED)
