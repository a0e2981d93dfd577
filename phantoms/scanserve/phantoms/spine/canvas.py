"""A canvas on which a body is drawn: what it attenuates, pixel by pixel.

Positions and sizes are in the unit of the shape; :class:`View` says where they lie in the film.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

__all__ = ["Canvas", "View", "soft"]

Float = npt.NDArray[np.float32]
Points = npt.NDArray[np.floating]


@dataclass(frozen=True)
class View:
    """The film: rows and columns, and its pixels per unit; a pixel is ``scale`` times a point plus the offset."""

    rows: int
    columns: int
    scale: float
    x: float
    y: float

    def pixels(self, points: Points) -> Points:
        """Pixels (..., 2) of points (..., 2), both (x, y)."""
        return self.scale * np.asarray(points) + np.array([self.x, self.y])

    def axes(self) -> tuple[Float, Float]:
        """Positions x (columns,) and y (rows,) of the pixels."""
        x = ((np.arange(self.columns) - self.x) / self.scale).astype(np.float32)
        y = ((np.arange(self.rows) - self.y) / self.scale).astype(np.float32)
        return x, y


class Canvas:
    """The attenuation ``[row, column]`` of everything drawn so far."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.values: Float = np.zeros((view.rows, view.columns), np.float32)
        self.x, self.y = view.axes()

    @property
    def pixel(self) -> float:
        """The size of a pixel."""
        return 1 / self.view.scale

    def part(self, low: Points, high: Points) -> tuple[Float, Float, Float] | None:
        """The values between two corners, to be changed in place, with their x (1, n) and y (m, 1); None if empty."""
        first = np.searchsorted(self.x, low[0]), np.searchsorted(self.y, low[1])
        end = np.searchsorted(self.x, high[0]), np.searchsorted(self.y, high[1])
        values = self.values[first[1] : end[1], first[0] : end[0]]
        if not values.size:
            return None
        return values, self.x[None, first[0] : end[0]], self.y[first[1] : end[1], None]

    def ellipse(
        self, centre: tuple[float, float], radii: tuple[float, float], amount: float, *, edge: float = 0.15
    ) -> None:
        """Add an ellipse with a soft ``edge`` (a share of its radius)."""
        reach = np.array(radii) * (1 + edge)
        found = self.part(np.array(centre) - reach, np.array(centre) + reach)
        if found:
            values, x, y = found
            level = np.sqrt(((x - centre[0]) / radii[0]) ** 2 + ((y - centre[1]) / radii[1]) ** 2)
            values += np.float32(amount) * soft((1 - level) / edge)

    def stroke(self, points: Points, width: float, amount: float, rim: float = 0.0) -> None:
        """Add a line of ``width`` through points (n, 2); ``rim`` is added along both of its borders."""
        pixels = self.view.pixels(points)
        wide = max(1, round(width * self.view.scale))
        low = np.floor(pixels.min(axis=0) - wide).astype(int).clip(0)
        high = np.ceil(pixels.max(axis=0) + wide + 1).astype(int).clip(0, [self.view.columns, self.view.rows])
        if (high <= low).any():
            return
        outer = _line(pixels - low, high - low, wide)
        part = self.values[low[1] : high[1], low[0] : high[0]]
        part += np.float32((amount + rim) / 255) * outer
        inner = wide - 2 * max(1, round(0.18 * wide))
        if rim and inner > 0:
            part -= np.float32(rim / 255) * _line(pixels - low, high - low, inner)

    def polygon(self, points: Points, amount: float, edge: float = 0.006) -> None:
        """Add a polygon of points (n, 2), blurred by ``edge``."""
        pixels, margin = self.view.pixels(points), 3 * edge * self.view.scale
        low = np.floor(pixels.min(axis=0) - margin).astype(int).clip(0)
        high = np.ceil(pixels.max(axis=0) + margin).astype(int).clip(0, [self.view.columns, self.view.rows])
        if (high <= low).any():
            return
        image = Image.new("L", (int(high[0] - low[0]), int(high[1] - low[1])))
        ImageDraw.Draw(image).polygon([tuple(p) for p in (pixels - low).tolist()], fill=255)
        image = image.filter(ImageFilter.GaussianBlur(edge * self.view.scale))
        part = self.values[low[1] : high[1], low[0] : high[0]]
        part += np.float32(amount / 255) * np.asarray(image, np.float32)


def soft(level: npt.NDArray) -> npt.NDArray:
    """0 below -1/2, 1 above 1/2, and linear between: the edge of what is drawn, one unit wide."""
    return np.clip(level + np.float32(0.5), 0, 1)


def _line(pixels: Points, size: npt.NDArray[np.int_], width: int) -> Float:
    image = Image.new("L", (int(size[0]), int(size[1])))
    ImageDraw.Draw(image).line([tuple(p) for p in pixels.tolist()], fill=255, width=width, joint="curve")
    return np.asarray(image, np.float32)
