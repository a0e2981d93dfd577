"""Tubes that move with the coronary arteries: veins, leads, the bodies of soft plaque.

Symbols: N points of a rider, V vessels, T times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import cKDTree

from scanserve.phantoms.ccta.coronaries import Artery

__all__ = ["SYSTOLE", "Rider", "lifted", "mount", "plaque_bodies"]

#: Distance (mm) over which the influence of an artery falls to 1/e; and smoothness along the rider, points.
INFLUENCE_MM, SMOOTH_POINTS = 6.0, 8
#: Percent of R-R near which every heart is most contracted.
SYSTOLE = 33.0


@dataclass(frozen=True)
class Rider:
    """A tube at 0 % and its attachment to the arteries.

    ``points`` (N, 3) LPS mm, ``radii`` (N,) mm, ``hu``; ``fat``: whether fat surrounds it.  Its displacement is that
    of the points ``places`` (V, N) of the main paths, weighted by ``weights`` (V, N), plus ``lift`` (N, 3) mm at full
    contraction, which keeps it out of walls and arteries.
    """

    name: str
    points: npt.NDArray
    radii: npt.NDArray
    hu: float
    fat: bool
    places: npt.NDArray
    weights: npt.NDArray
    lift: npt.NDArray | None = None

    def positions(self, vessels: Sequence[Artery], percents: npt.ArrayLike) -> npt.NDArray:
        """The points (T, N, 3) LPS mm at each of ``percents`` (T,)."""
        p = np.atleast_1d(np.asarray(percents, float))
        moved = np.zeros((len(p), *self.points.shape))
        if self.lift is not None:
            moved += self.contraction(vessels, p)[..., None] * self.lift
        for vessel, place, weight in zip(vessels, self.places, self.weights, strict=True):
            if weight.any():
                displacement = vessel.positions(0, p) - vessel.branches[0].points
                moved += weight[:, None] * displacement[:, place]
        return self.points + gaussian_filter1d(moved, SMOOTH_POINTS, axis=1, mode="nearest")

    def contraction(self, vessels: Sequence[Artery], percents: npt.NDArray) -> npt.NDArray:
        """Contraction (T, N) of the arteries beside each point, from end diastole (0) to end systole (1)."""
        curves = np.stack([vessel.curve(percents) for vessel in vessels])
        return np.einsum("vt,vn->tn", curves, self.weights)

    def displaced(self, shift: npt.NDArray) -> Rider:
        """The same rider, shifted by ``shift`` (3,) mm."""
        return replace(self, points=self.points + shift)


def mount(
    name: str,
    points: npt.NDArray,
    radii: npt.NDArray,
    hu: float,
    vessels: Sequence[Artery],
    *,
    fat: bool = True,
) -> Rider:
    """Attach a tube to the arteries near it."""
    found = [cKDTree(vessel.branches[0].points).query(points) for vessel in vessels]
    distances = np.stack([distance for distance, _ in found])
    weights = np.exp(-(distances - distances.min(0)) / INFLUENCE_MM)
    places = np.stack([place for _, place in found])
    return Rider(name, points, np.asarray(radii), hu, fat, places, weights / weights.sum(0))


def lifted(rider: Rider, vessels: Sequence[Artery], percent: float, there: npt.NDArray) -> Rider:
    """``rider``, lifted so that it is at ``there`` (N, 3) at ``percent``, near systole."""
    share = np.maximum(rider.contraction(vessels, np.array([percent]))[0], 0.5)[:, None]
    return replace(rider, lift=(there - rider.positions(vessels, percent)[0]) / share)


def plaque_bodies(vessels: Sequence[Artery]) -> tuple[Rider, ...]:
    """The bodies of soft plaque, between lumen and wall."""
    made = []
    for index, vessel in enumerate(vessels):
        for soft in vessel.soft:
            places = np.zeros((len(vessels), len(soft.points)), int)
            weights = np.zeros(places.shape)
            places[index], weights[index] = soft.first + np.arange(len(soft.points)), 1.0
            made.append(Rider("soft plaque", soft.points, soft.radii, soft.hu, True, places, weights))
    return tuple(made)
