"""Which end of a coronary skeleton is its ostium.

A coronary artery is widest where it leaves the aorta, a lumen of some 30 mm full of contrast, near the top of the
heart.  Each end of the skeleton is judged by all three: its width, the blood ahead of it, its height.  No single one
decides: chambers are as bright as the aorta, a mask may thin out at the ostium, and a conus branch climbs above it.

Symbols: S nodes of a graph, L ends, B samples of a ball.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scanserve.geometry import Lumen, LumenOptions
from scanserve.geometry.graph import SkeletonGraph, outward_ends
from scanserve.geometry.image import GridImage
from scanserve.geometry.lumen import BLOOD

__all__ = ["find_root"]

#: An end is as wide as the median over this length of it, and points where that length points.
END_MM = 5.0
#: Blood is looked for in a ball of this radius whose centre lies so far ahead of an end: it fits an aortic root.
BALL_MM, AHEAD_MM = 8.0, 5.0
#: An end so far below the highest needs as much more of the rest as a ball full of blood.
DROP_MM = 100.0
#: Heart muscle and blood without contrast; what a lumen has at least.
LUMEN = LumenOptions(soft_tissue_hu=50.0, minimum_hu=150.0)


def find_root(graph: SkeletonGraph, radii: npt.NDArray[np.float64], image: GridImage) -> int:
    """The node at the ostium.

    Args:
        graph: connected, without loops, of 2 nodes or more.
        radii: (S,) mm.
        image: the CT, HU.
    """
    ends, ahead = outward_ends(graph, END_MM)
    distance = graph.length_to(ends)
    width = np.array([np.median(radii[near <= END_MM]) for near in distance])
    blood = _blood_ahead(graph, ends, ahead, image)
    height = graph.points[ends, 2]
    worth = width / width.max() + blood - (height.max() - height) / DROP_MM
    return int(ends[worth.argmax()])


def _blood_ahead(
    graph: SkeletonGraph, ends: npt.NDArray[np.intp], ahead: npt.NDArray[np.float64], image: GridImage
) -> npt.NDArray[np.float64]:
    """The part (L,) of a ball ahead of each end that is at least half as bright as the arteries."""
    lumen = Lumen.along(graph.points, image, LUMEN)
    side = np.arange(-BALL_MM, BALL_MM + 0.5)
    cube = np.stack(np.meshgrid(side, side, side, indexing="ij"), axis=-1).reshape(-1, 3)
    ball = cube[np.linalg.norm(cube, axis=1) <= BALL_MM]
    centres = graph.points[ends] + ahead * AHEAD_MM
    return (lumen.brightness(centres[:, None] + ball) >= BLOOD).mean(axis=1)
