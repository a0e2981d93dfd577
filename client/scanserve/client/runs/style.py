"""How the figures of every application look: colours, sizes of text, the notice and the PNG itself.

Matplotlib's object interface is used throughout: no global state, no display.  Sizes are inches and points.
"""

from __future__ import annotations

import io

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from scanserve.contracts import NOT_FOR_DIAGNOSIS

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
_PT_NOTICE = 6.5
#: The notice stands this far above the lower edge, and a solved layout keeps this much free for it.
_NOTICE_INCHES, _NOTICE_ROOM_INCHES = 0.06, 0.2


def new_figure(width: float, height: float, *, arranged: bool = False) -> Figure:
    """An empty figure of ``width`` x ``height`` inches with the notice at its lower edge.

    With ``arranged`` matplotlib arranges the axes above the notice, which takes seconds; without it they stay where
    the caller puts them.
    """
    room = _NOTICE_ROOM_INCHES / height
    layout = ConstrainedLayoutEngine(rect=(0, room, 1, 1 - room)) if arranged else None
    figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white", layout=layout)
    FigureCanvasAgg(figure)
    place = (0.5, _NOTICE_INCHES / height)
    figure.text(*place, NOT_FOR_DIAGNOSIS, ha="center", va="bottom", fontsize=_PT_NOTICE, color=MUTED)
    return figure


def png_of(figure: Figure) -> bytes:
    """The figure as a PNG; the same figure gives the same bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None}, pil_kwargs={"compress_level": 4})
    return buffer.getvalue()
