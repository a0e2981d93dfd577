"""Centerlines on a heart: ostia on the aorta, paths in the fat, side branches."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scanserve.contracts import InputError
from scanserve.geometry.path import arc_length
from scanserve.phantoms.ccta.chambers import Sizes, sinus_direction
from scanserve.phantoms.ccta.coronaries import STEP, ArteryBranch
from scanserve.phantoms.ccta.pose import Pose
from scanserve.phantoms.ccta.ranges import Trees, draw
from scanserve.phantoms.ccta.surface import cast, distance_to, settle, spline_through
from scanserve.phantoms.ccta.walls import Walls

__all__ = ["PathBuilder"]


class PathBuilder:
    """Builds trees on one heart; holds the state that all paths share."""

    def __init__(
        self, pose: Pose, sizes: Sizes, walls: Walls, rng: np.random.Generator, trees: Trees
    ) -> None:
        self.pose, self.sizes, self.rng, self.trees = pose, sizes, rng, trees
        self.walls = walls.outside
        self.aorta = walls.aorta
        self.body = walls.body
        self.root, self.lean, self.routes = walls.root, walls.lean, walls.routes

    def on(self, angle: float, level: float) -> npt.NDArray:
        """A surface point at an angle in degrees and a level in mm, slightly random."""
        place = cast(self.pose, self.body, angle + self.rng.normal(0, 1.5), level + self.rng.normal(0, 1.2))
        return self.routes.snapped(place) if self.routes else place

    def ostium(self, which: str) -> npt.NDArray:
        """The point on the wall of the aorta, at this sinus, with the most room to other walls.

        Raises:
            InputError: code ``no-heart`` if no ray from the root meets the aorta, as in a real CT that ends there.
        """
        facing = sinus_direction(self.sizes, which)
        start = np.degrees(np.arctan2(facing[1], facing[0]))
        others = [shape for shape in self.walls if shape is not self.aorta]
        rays = [
            self._on_aorta(start + turn, up)
            for turn in self.rng.uniform(*self.trees.ostium_turn, 12)
            for up in self.rng.uniform(*self.trees.ostium_up, 3)
        ]
        places = [ray[-1] for ray in rays if len(ray)]
        if not places:
            raise InputError(
                "no-heart", f"the aorta must be around its root but is not at the {which} sinus."
            )
        room = distance_to(others, np.stack(places))
        return places[int(np.argmax(np.minimum(room, 4.0)))]

    def _on_aorta(self, angle: float, up: float) -> npt.NDArray:
        """The part (N, 3) of a ray from the root that lies inside the aorta; N is 0 where it misses it."""
        v = np.radians(angle)
        reach = np.arange(6.0, 28.0, 0.25)
        ray = self.root + up * self.lean + reach[:, None] * np.array([np.cos(v), np.sin(v), 0.0])
        inside = distance_to((self.aorta,), ray) < -0.5
        return ray[inside]

    def path(self, controls: list[npt.NDArray], radii: tuple[float, float], fixed: int = 1) -> npt.NDArray:
        """A settled path through ``controls`` with a little tortuosity, every STEP mm."""
        through = np.stack(controls)
        rough = spline_through(self.routes.through(through) if self.routes else through, 1.0)
        offset = draw(self.rng, self.trees.depth)
        for rounds, smoothing in ((18, 4), (6, 1)):
            depth = np.linspace(*radii, len(rough)) + offset
            if fixed == 1:
                depth = depth * np.clip(np.arange(len(rough)) / 5, 0, 1)
            rough = settle(rough, self.walls, depth, fixed=fixed, rounds=rounds, smoothing=smoothing)
            if smoothing > 1:
                rough = spline_through(rough[::2], 1.0)
                rough = rough + self._tortuosity(rough)
        return spline_through(rough[::2], STEP)

    def _tortuosity(self, points: npt.NDArray) -> npt.NDArray:
        s = arc_length(points)
        wiggle = np.zeros_like(points)
        for wavelength in (13.0, 21.0, 36.0):
            amplitude = draw(self.rng, self.trees.wiggle) * wavelength / 14
            direction = self.rng.normal(size=3)
            direction /= np.linalg.norm(direction)
            wiggle += (
                amplitude * np.sin(2 * np.pi * s / wavelength + self.rng.uniform(0, 6.3))[:, None] * direction
            )
        return wiggle * np.clip(s / 15, 0, 1)[:, None]

    def side_branch(
        self,
        trunk: ArteryBranch,
        parent: int,
        joint: int,
        turn: float,
        advance: float,
        length: float,
        radii: tuple[float, float],
        name: str,
    ) -> ArteryBranch:
        """A branch from a point of ``trunk``, turning by ``turn`` degrees and ``advance`` mm toward the apex."""
        turn += draw(self.rng, self.trees.side_turn)
        length *= draw(self.rng, self.trees.side_length)
        start = trunk.points[joint]
        r, s, a = self.pose.local(start)
        angle = np.degrees(np.arctan2(s, r - 10.0 * (1.0 - max(a, 0.0) / 85.0)))
        shares = np.linspace(0, 1, 6)[1:]
        controls = [start, *(self.on(angle + turn * q**0.8, a + advance * q) for q in shares)]
        points = self.path(controls, radii, fixed=2)
        points = points[: int(length / STEP) + 1]
        return ArteryBranch(points, np.linspace(*radii, len(points)), False, parent, joint, name)
