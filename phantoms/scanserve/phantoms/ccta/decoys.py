"""Bright lines that are not cardiac vessels: internal mammary arteries and a pacemaker lead."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from scanserve.phantoms.ccta.chambers import Chambers, upper_cava
from scanserve.phantoms.ccta.chest import Chest, PaintLayer
from scanserve.phantoms.ccta.coronaries import Artery
from scanserve.phantoms.ccta.pose import Pose
from scanserve.phantoms.ccta.riders import SYSTOLE, Rider, lifted, mount
from scanserve.phantoms.ccta.shapes import tube
from scanserve.phantoms.ccta.surface import spline_through

__all__ = ["lead", "mammary"]

FAT_HU, FAT_MM = -100.0, 4.0
LEAD_HU, LEAD_STEP = 3000.0, 0.5
#: Systolic excursion of the tricuspid valve, mm.
FALL_MM = 8.0


def mammary(chest: Chest, hu: float, rng: np.random.Generator) -> tuple[PaintLayer, ...]:
    """Both internal mammary arteries, behind the ribs beside the sternum, as layers of the chest."""
    wall, made = chest.cavity, []
    for side in (-1, 1):
        x, radius = wall.cx + side * rng.uniform(22, 30), rng.uniform(0.9, 1.5)
        front = wall.cy - wall.sy * np.sqrt(1 - ((x - wall.cx) / wall.sx) ** 2)
        places = np.array(
            [[x - side * 4, front + 5, 150.0], [x, front + 4, 0], [x + side * 3, front + 4, -110]]
        )
        made += [PaintLayer(tube(places, radius), FAT_HU, FAT_MM), PaintLayer(tube(places, radius), hu)]
    return tuple(made)


def lead(
    pose: Pose, resting: Chambers, contracted: Chambers, vessels: Sequence[Artery], rng: np.random.Generator
) -> Rider:
    """A pacemaker lead: down the superior vena cava, through the right atrium, to the apex of the right ventricle.

    ``resting`` are the chambers at 0 %, ``contracted`` those at SYSTOLE %; the lead runs through the middle of both.
    """
    aside, radius = float(rng.uniform(-8, 4)), float(rng.uniform(0.7, 1.2))
    rest = _course(pose, resting, aside)
    moved = _course(pose, contracted, aside, FALL_MM)
    s = np.linspace(0, 1, len(rest))
    moved = np.stack([np.interp(s, np.linspace(0, 1, len(moved)), moved[:, i]) for i in range(3)], axis=1)
    rider = mount("lead", rest, np.full(len(rest), radius), LEAD_HU, vessels, fat=False)
    return lifted(rider, vessels, SYSTOLE, moved)


def _course(pose: Pose, chambers: Chambers, aside: float, fall: float = 0.0) -> npt.NDArray:
    """Points (N, 3) of the lead; ``aside`` is its place in the valve, which lies ``fall`` mm nearer the apex."""
    atrium = chambers.atria[1]
    below = [pose.at(30, aside, 4 + fall), pose.at(30, -10, 26 + fall), pose.at(22, -6, 52)]
    controls = [*upper_cava(atrium)[::-1], atrium.centre + np.array([4.0, 2.0, -8.0]), *below]
    return spline_through(np.stack(controls), LEAD_STEP)
