"""A figure of a report, as it was rendered."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RenderedFigure"]


@dataclass(frozen=True)
class RenderedFigure:
    """One figure: file name, what it shows in words (also for those who cannot see it) and the PNG itself."""

    name: str
    title: str
    caption: str
    alt: str
    png: bytes
