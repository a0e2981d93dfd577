"""A figure of a report, as it was rendered."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RenderedFigure"]


@dataclass(frozen=True)
class RenderedFigure:
    """One figure of a report.

    Attributes:
        name: of its file, without the ending.
        title: a heading.
        caption: what it shows.
        alt: the same for those who cannot see it.
        png: the picture.
        part: the part of the report that it belongs to; ``""`` where it shows all of them.
    """

    name: str
    title: str
    caption: str
    alt: str
    png: bytes
    part: str = ""
