"""Metal: rods with screws, and clips, buckles and wires; a brace.  It is opaque, whatever lies behind it."""

from __future__ import annotations

import numpy as np

from scanserve.phantoms.spine.canvas import Canvas
from scanserve.phantoms.spine.patient import Patient

__all__ = ["draw_brace", "draw_implants", "draw_trinkets"]

#: Attenuation of metal.
OPAQUE = 2.0


def draw_implants(canvas: Canvas, patient: Patient, rng: np.random.Generator) -> None:
    """Two rods beside the spine, with screws in the pedicles of a random range of levels."""
    first = int(rng.integers(1, 8))
    end = int(rng.integers(first + 4, 17))
    corners = patient.shape.marked[first : end + 1]
    middle = corners.mean(axis=1)
    for side in (-1, 1):
        right = (corners[:, 1] - corners[:, 0]) * 0.3 * side
        canvas.stroke(middle + right, 0.009, OPAQUE)
        for place, out in zip(middle + right, right, strict=True):
            if rng.random() < 0.8:
                canvas.stroke(np.stack([place, place - 0.35 * out]), 0.008, 0.8 * OPAQUE)
                canvas.ellipse((place[0], place[1]), (0.009, 0.011), OPAQUE)


def draw_trinkets(canvas: Canvas, rng: np.random.Generator) -> None:
    """Paper clips, hooks, wires and buckles anywhere."""
    for _ in range(int(rng.integers(1, 5))):
        place = np.array([rng.uniform(-0.3, 0.3), rng.uniform(-0.05, 1.05)])
        steps = rng.normal(0, 0.012, (int(rng.integers(3, 9)), 2)).cumsum(axis=0)
        canvas.stroke(place + steps, 0.004, OPAQUE * rng.uniform(0.3, 1))
    if rng.random() < 0.3:
        y = rng.uniform(0.3, 0.6)
        line = np.column_stack([np.linspace(-0.35, 0.35, 20), y + 0.02 * np.cos(np.linspace(-4, 4, 20))])
        canvas.stroke(line, 0.005, 0.4)


def draw_brace(canvas: Canvas, rng: np.random.Generator) -> None:
    """Faint straps and plates over the trunk."""
    for y in rng.uniform(0.3, 1.0, int(rng.integers(1, 4))):
        line = np.array([[-0.4, y], [0.0, y + rng.normal(0, 0.02)], [0.4, y + rng.normal(0, 0.03)]])
        canvas.stroke(line, 0.04, 0.05, 0.03)
        canvas.ellipse((float(rng.uniform(-0.2, 0.2)), float(y)), (0.02, 0.02), 0.5)
