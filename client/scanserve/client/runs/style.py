"""How the figures of every application look: colours, sizes of text, the notice and the PNG itself.

Matplotlib's object interface is used throughout: no global state, no display.  Sizes are inches and points.
"""

from __future__ import annotations

import io
import textwrap

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

__all__ = [
    "DPI",
    "EMPTY",
    "GRID",
    "INK",
    "MUTED",
    "PT_LABEL",
    "PT_TEXT",
    "PT_TICK",
    "PT_TITLE",
    "new_figure",
    "png_of",
]

DPI = 110
#: Text and what stands back from it.
INK, MUTED = "#1a1d21", "#5c6570"
#: Lines behind the data, and the place of a picture that is missing.
GRID, EMPTY = "#e3e6ea", "#eef0f2"
PT_TITLE, PT_TEXT, PT_LABEL, PT_TICK = 10, 9, 8, 7
#: The notice is set in the larger size where it fits on one line, else on two lines of a size down to the smaller.
_PT_NOTICE, _PT_LONG_NOTICE = 6.5, 5.0
#: Mean width of a letter over its size, on the safe side.
_LETTER = 0.6
#: The notice stands this far above the lower edge, and a solved layout keeps this much free for it.
_NOTICE_INCHES, _NOTICE_ROOM_INCHES = 0.06, 0.2


def new_figure(width: float, height: float, notice: str, *, arranged: bool = False) -> Figure:
    """An empty figure of ``width`` x ``height`` inches with the result's notice at its lower edge.

    With ``arranged`` matplotlib arranges the axes above the notice, which takes seconds; without it they stay where
    the caller puts them.
    """
    room = _NOTICE_ROOM_INCHES / height
    layout = ConstrainedLayoutEngine(rect=(0, room, 1, 1 - room)) if arranged else None
    figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white", layout=layout)
    FigureCanvasAgg(figure)
    _write_notice(figure, notice)
    return figure


def _write_notice(figure: Figure, notice: str) -> None:
    """On one line or two; what a server has stated is no formula."""
    width, height = figure.get_size_inches()
    letters = 72 * (width - 2 * _NOTICE_INCHES) / _LETTER
    lines, most = [notice], _PT_NOTICE
    if len(notice) * _PT_LONG_NOTICE > letters:
        lines, most = textwrap.wrap(notice, len(notice) // 2 + 10), _PT_LONG_NOTICE
    size = min(most, letters / max(map(len, lines)))
    figure.text(
        0.5,
        _NOTICE_INCHES / len(lines) / height,
        "\n".join(lines),
        ha="center",
        va="bottom",
        fontsize=size,
        color=MUTED,
        linespacing=1.0,
        parse_math=False,
    )


def png_of(figure: Figure) -> bytes:
    """The figure as a PNG; the same figure gives the same bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None}, pil_kwargs={"compress_level": 4})
    return buffer.getvalue()
