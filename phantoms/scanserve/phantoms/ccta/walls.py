"""What a patient's coronaries lie on: the walls of a heart, the phantom's own or one measured in a CT."""

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

    ``outside`` is all that the coronaries may not enter, ``aorta`` among it; ``body`` is what their courses
    are cast onto; ``root`` (3,) is a point inside the aortic root, from which ostia are sought, and ``lean``
    (3,) how the aorta's middle goes on from there per mm of height.  ``routes`` leads the courses where the
    walls are a real heart's.
    """

    outside: tuple[Shape, ...]
    aorta: Shape
    body: tuple[Shape, ...]
    root: npt.NDArray
    lean: npt.NDArray = field(default_factory=lambda: np.array([0.0, 0.0, 1.0]))
    routes: Routes | None = None


def phantom_walls(pose: Pose, sizes: Sizes, contraction: Contraction) -> Walls:
    """The walls of the phantom's heart; ``root`` is the one at end diastole."""
    chambers = build_chambers(pose, sizes, contraction)
    body = (*chambers.ventricles, *chambers.atria)
    return Walls(chambers.outside(), chambers.aorta, body, root_centre(pose))
