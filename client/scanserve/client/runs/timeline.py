"""The figure of where the time of a run went."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from scanserve.client.runs.figure import RenderedFigure
from scanserve.client.runs.records import TimeSpan
from scanserve.client.runs.style import GRID, MUTED, new_figure, png_of

__all__ = ["render_timeline"]

#: Neighbouring pieces of work take turns.
_COLOURS = ("#33638d", "#7fa3c4")
#: A piece of work is drawn at least this long.
_LEAST_S = 1e-3


def render_timeline(spans: Sequence[TimeSpan], notice: str) -> RenderedFigure:
    """One row per stage, one bar per piece of work."""
    stages = list(dict.fromkeys(span.stage for span in spans))
    inches = 0.32 * max(len(stages), 1)
    height = inches + 1.0
    figure = new_figure(9.5, height, notice)
    axes = figure.add_axes((0.13, 0.85 / height, 0.74, inches / height))
    for row, stage in enumerate(stages):
        _draw_stage(axes, row, [span for span in spans if span.stage == stage])
    axes.set_yticks(range(len(stages)), stages)
    axes.set_ylim(len(stages) - 0.4, -0.6)
    axes.set_xlim(left=0)
    axes.set_xlabel("seconds from the start")
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    return RenderedFigure(
        name="timing",
        title="Where the time went",
        caption="One bar per piece of work; stages overlap because they run at the same time. At the right, each "
        "stage's seconds in sum.",
        alt="Timeline of the processing stages.",
        png=png_of(figure),
    )


def _draw_stage(axes: Axes, row: int, spans: Sequence[TimeSpan]) -> None:
    bars = [(span.start_s, max(span.duration_s, _LEAST_S)) for span in spans]
    colours = [_COLOURS[number % len(_COLOURS)] for number in range(len(bars))]
    axes.broken_barh(bars, (row - 0.32, 0.64), facecolors=colours)
    total = sum(span.duration_s for span in spans)
    axes.text(1.01, row, f"{total:.2f} s", transform=axes.get_yaxis_transform(), va="center", color=MUTED)
