"""What is burnt into a film: letters, arrows, seams of stitched films, and shutters."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

__all__ = ["draw_marks"]

Float = npt.NDArray[np.float32]

_TEXTS = ("L", "R", "L", "R", "ERECT", "PA", "AP", "STANDING", "L AP", "R 12:40")


def draw_marks(grey: Float, rng: np.random.Generator) -> Float:
    """A film ``[row, column]`` of grey values 0..1 with random marks."""
    if rng.random() < 0.12:
        grey = _seam(grey, rng)
    if rng.random() < 0.55:
        grey = _letters(grey, rng)
    if rng.random() < 0.2:
        grey = _shutter(grey, rng)
    return grey


def _seam(grey: Float, rng: np.random.Generator) -> Float:
    """A step of brightness where two exposures were joined; nothing is displaced."""
    row = int(rng.uniform(0.25, 0.75) * len(grey))
    gain, band = 1 + rng.normal(0, 0.15), max(1, len(grey) // 150)
    out = grey.copy()
    out[row:] *= np.float32(gain)
    out[row : row + band] = out[row : row + band] * np.float32(0.8) + np.float32(0.2 * rng.random())
    return np.clip(out, 0, 1)


def _letters(grey: Float, rng: np.random.Generator) -> Float:
    rows, columns = grey.shape
    image = Image.new("L", (columns, rows))
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(1, 3))):
        size = int(rows * rng.uniform(0.018, 0.06))
        place = _beside(rng, columns), float(rng.uniform(0.01, 0.9) * rows)
        if rng.random() < 0.2:
            _arrow(draw, place, size)
        else:
            draw.text(place, str(rng.choice(_TEXTS)), fill=255, font=_font(size))
    bright, mask = (
        np.float32(rng.choice([1.0, 1.0, rng.uniform(0.4, 0.9), 0.0])),
        np.asarray(image, np.float32) / 255,
    )
    return grey * (1 - mask) + bright * mask


def _beside(rng: np.random.Generator, columns: int) -> float:
    """Mostly beside the spine, as technologists place it."""
    share = rng.uniform(0.02, 0.25) if rng.random() < 0.5 else rng.uniform(0.72, 0.9)
    return float(share * columns)


def _arrow(draw: ImageDraw.ImageDraw, place: tuple[float, float], size: int) -> None:
    x, y = place
    draw.polygon([(x, y + size), (x + size / 2, y), (x + size, y + size)], fill=255)
    draw.rectangle([x + size * 0.3, y + size, x + size * 0.7, y + 2 * size], fill=255)


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _shutter(grey: Float, rng: np.random.Generator) -> Float:
    """Collimation: borders of one grey value."""
    rows, columns = grey.shape
    out = np.full_like(grey, rng.choice([0.0, 0.0, 0.05, 1.0]))
    left, right = int(columns * rng.uniform(0, 0.12)), int(columns * (1 - rng.uniform(0, 0.12)))
    top, bottom = int(rows * rng.uniform(0, 0.03)), int(rows * (1 - rng.uniform(0, 0.03)))
    out[top:bottom, left:right] = grey[top:bottom, left:right]
    return out
