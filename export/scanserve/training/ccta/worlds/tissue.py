"""Random tissue: every HU becomes another one, and the brightness drifts across the image."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from scanserve.contracts.ccta import WORKING_SHAPE
from scanserve.contracts.ct import AIR_HU, MAX_HU

__all__ = ["drift", "recolour"]

#: Knots of a curve from HU to HU: the value, how far it moves in the scenes of phantoms, and how far it moves in a
#: real CT, whose tissues have a texture of their own.
KNOTS_HU = (AIR_HU, -700, -200, -90, 0, 50, 110, 200, 350, 500, 900, MAX_HU)
WILD_HU = (0, 150, 60, 45, 50, 50, 60, 120, 170, 200, 200, 0)
MILD_HU = (0, 60, 30, 20, 15, 15, 25, 50, 80, 100, 150, 0)
#: Share of the wild curves that keep the order of tissues.
ORDERED = 0.5
#: Largest standard deviation (HU) and knots per axis of the drift.
DRIFT_HU, DRIFT_KNOTS = 30.0, 4

Image = npt.NDArray[np.float32]


def recolour(hu: Image, rng: np.random.Generator, *, wild: bool) -> Image:
    """Map HU through a random piecewise linear curve; a ``wild`` one may swap the order of tissues."""
    moves = rng.uniform(-1, 1, len(KNOTS_HU)) * np.array(WILD_HU if wild else MILD_HU)
    curve = np.array(KNOTS_HU) + moves
    if not wild or rng.random() < ORDERED:
        curve = np.maximum.accumulate(curve)
    return np.interp(hu, KNOTS_HU, curve).astype(np.float32)


def drift(hu: Image, rng: np.random.Generator) -> Image:
    """Add a smooth random field, as of scatter and beam hardening."""
    knots = rng.standard_normal((DRIFT_KNOTS,) * 3).astype(np.float32)
    field = ndimage.zoom(knots, np.array(WORKING_SHAPE) / DRIFT_KNOTS, order=1)
    return hu + field * np.float32(rng.uniform(0, DRIFT_HU))
