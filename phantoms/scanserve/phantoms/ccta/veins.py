"""Cardiac veins, which run beside the coronary arteries, cross them, and look like them.

The great cardiac vein lies beside the LAD and then beside the LCX, the middle cardiac vein beside the
posterior descending artery, the small one beside the RCA, a lateral one between the marginals; all end at
the coronary sinus.  Angles and levels are those of :func:`~scanserve.phantoms.ccta.surface.cast`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from scanserve.phantoms.ccta.coronaries import Artery
from scanserve.phantoms.ccta.paths import PathBuilder
from scanserve.phantoms.ccta.ranges import Decoys, draw, happens
from scanserve.phantoms.ccta.riders import SYSTOLE, Rider, lifted, mount
from scanserve.phantoms.ccta.shapes import Shape
from scanserve.phantoms.ccta.surface import outward

__all__ = ["COURSES", "clear_of", "grow_veins"]

#: The great cardiac vein: beside the LAD, then along the groove of the LCX.
_BESIDE_LAD = ((84, 58), (88, 44), (90, 30), (93, 16), (97, 4))
_BESIDE_LCX = ((106, -7), (120, -13), (138, -17), (158, -18), (178, -19), (196, -20))
#: Controls (angle in degrees, level in mm) from the apex to the coronary sinus.
COURSES: dict[str, tuple[tuple[float, float], ...]] = {
    "great cardiac vein": (*_BESIDE_LAD, *_BESIDE_LCX),
    "middle cardiac vein": ((-84, 60), (-86, 44), (-87, 28), (-88, 12), (-90, -2), (-94, -14)),
    "small cardiac vein": ((2, -17), (-16, -18), (-36, -19), (-56, -20), (-76, -20), (-92, -20)),
    "lateral vein": ((206, 54), (210, 38), (213, 22), (216, 6), (218, -8), (219, -16)),
}
#: Radius at the start of a vein as a fraction of its full radius; spread of its place beside the artery, degrees.
THIN, BESIDE_SPREAD = 0.55, 6.0
ROUNDS = 8


def grow_veins(
    builder: PathBuilder, vessels: Sequence[Artery], hu: float, decoys: Decoys, contracted: Sequence[Shape]
) -> tuple[Rider, ...]:
    """The veins of a heart, enhanced to ``hu``, at least a drawn gap away from every artery.

    ``contracted`` are the walls at SYSTOLE %, which veins do not enter either.
    """
    widths = np.concatenate([branch.radii for vessel in vessels for branch in vessel.branches])
    resting, systolic = _arteries(vessels, 0.0), _arteries(vessels, SYSTOLE)
    made = []
    for name, course in COURSES.items():
        if not happens(builder.rng, decoys.vein_chance):
            continue
        full, aside = draw(builder.rng, decoys.vein_diameter) / 2, builder.rng.normal(0, BESIDE_SPREAD)
        points = builder.path(
            [builder.on(angle + aside, level) for angle, level in course], (THIN * full, full), fixed=2
        )
        radii, gap = full * np.linspace(THIN, 1, len(points)), draw(builder.rng, decoys.vein_gap)
        rider = mount(name, clear_of(points, radii, resting, widths, gap, builder.walls), radii, hu, vessels)
        moved = rider.positions(vessels, SYSTOLE)[0]
        there = clear_of(moved, radii, systolic, widths, gap, contracted)
        made.append(lifted(rider, vessels, SYSTOLE, there))
    return tuple(made)


def _arteries(vessels: Sequence[Artery], percent: float) -> npt.NDArray:
    """The points (M, 3) of all arteries at a phase of one beat."""
    each = [v.positions(i, percent)[0] for v in vessels for i in range(len(v.branches))]
    return np.concatenate(each)


def clear_of(
    points: npt.NDArray,
    radii: npt.NDArray,
    arteries: npt.NDArray,
    widths: npt.NDArray,
    gap: float,
    walls: Sequence[Shape],
) -> npt.NDArray:
    """``points`` (N, 3), moved away from ``arteries`` (M, 3) of radii ``widths`` until the distance is ``gap`` mm."""
    tree, path = cKDTree(arteries), points.copy()
    for _ in range(ROUNDS):
        distance, near = tree.query(path)
        short = np.clip(radii + widths[near] + gap - distance, 0, 1.5)
        away = (path - arteries[near]) / np.maximum(distance, 1e-3)[:, None]
        path += _evened(short[:, None] * away)
        path += 0.7 * outward(path, walls, 0.8 * radii)
    return path


def _evened(moves: npt.NDArray, half: int = 4) -> npt.NDArray:
    """The moves (N, 3), spread over neighbours so that the path stays smooth."""
    kernel = np.hanning(2 * half + 3)[1:-1]
    kernel /= kernel[half]
    spread = np.stack([np.convolve(moves[:, i], kernel, "same") for i in range(3)], axis=1)
    load = np.convolve(np.linalg.norm(moves, axis=1) > 0, kernel, "same")
    return spread / np.maximum(load, 1)[:, None]
