"""The walls on which coronaries lie: those of the phantom's heart, or measured in a CT."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from scanserve.phantoms.ccta.chambers import Contraction, Sizes, build_chambers, root_centre
from scanserve.phantoms.ccta.pose import Pose
from scanserve.phantoms.ccta.shapes import Shape

if TYPE_CHECKING:
    from scanserve.phantoms.ccta.routes import Routes

__all__ = ["Walls", "phantom_walls"]


@dataclass(frozen=True, eq=False)
class Walls:
    """A heart at one contraction, as shapes in LPS mm.

    Coronaries must not enter ``outside``, which includes ``aorta``; their courses are cast onto ``body``.  ``root``
    (3,) is a point inside the aortic root, from which ostia are sought, and ``lean`` (3,) the direction of the aorta's
    axis there, per mm of height.  ``routes`` guides the courses on the walls of a real heart.
    """

    outside: tuple[Shape, ...]
    aorta: Shape
    body: tuple[Shape, ...]
    root: npt.NDArray
    lean: npt.NDArray = field(default_factory=lambda: np.array([0.0, 0.0, 1.0]))
    routes: Routes | None = None


def phantom_walls(pose: Pose, sizes: Sizes, contraction: Contraction) -> Walls:
    """The walls of the phantom's heart; ``root`` is that at end diastole."""
    chambers = build_chambers(pose, sizes, contraction)
    body = (*chambers.ventricles, *chambers.atria)
    return Walls(chambers.outside(), chambers.aorta, body, root_centre(pose))
