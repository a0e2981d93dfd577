"""The three coronary trees on the surface of the heart.

Trees are built at 0 % (end diastole) from control points in the grooves, settled into the epicardial fat,
and then carried by displacements: ``points + own * curve(p) + root * root_curve(p) + loop * sin(...)``.

Symbols: N points of a branch, 0.5 mm apart along it; index 0 is where it starts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from scanserve.phantoms.heart.chambers import (
    ROOT_EXCURSION_MM,
    Chambers,
    Contraction,
    Sizes,
    build_chambers,
    root_centre,
    sinus_direction,
)
from scanserve.phantoms.heart.motion import Curve
from scanserve.phantoms.heart.pose import Pose
from scanserve.phantoms.heart.shapes import Shape
from scanserve.phantoms.heart.surface import arc_length, cast, distance_to, outward, settle, spline_through

__all__ = ["STEP", "Branch", "Calcification", "Vessel", "build_trees"]

#: Spacing of centerline points along a branch, mm.
STEP = 0.5


@dataclass(frozen=True)
class Branch:
    """A branch at one phase: ``points`` (N, 3) LPS mm, ``radii`` (N,) mm.

    ``main`` marks the main path (ostium to distal end).  ``parent`` is the index of the branch it leaves
    (-1 for the main path), ``joint`` the index of the parent's point where it starts, ``name`` for people.
    """

    points: npt.NDArray
    radii: npt.NDArray
    main: bool
    parent: int = -1
    joint: int = -1
    name: str = ""


@dataclass(frozen=True)
class Calcification:
    """Bright plaque in a wall: place on a branch, where around it, its size and density."""

    branch: int
    index: int
    angle: float
    radius: float
    length: float
    hu: float


@dataclass(frozen=True)
class Vessel:
    """One coronary tree with its motion.

    ``branches[0]`` is the main path at 0 %.  Per branch, ``own``, ``root`` and ``loop`` (N, 3) are the
    displacements in mm that multiply ``curve``, ``root_curve`` and a slow sine of phase ``loop_phase``.
    """

    abbreviation: str
    branches: tuple[Branch, ...]
    own: tuple[npt.NDArray, ...]
    root: tuple[npt.NDArray, ...]
    loop: tuple[npt.NDArray, ...]
    curve: Curve
    root_curve: Curve
    loop_phase: float
    calcifications: tuple[Calcification, ...] = field(default=())

    def positions(self, branch: int, percents: npt.ArrayLike) -> npt.NDArray:
        """Points of a branch at each of ``percents`` (T,): (T, N, 3) LPS mm."""
        p = np.atleast_1d(np.asarray(percents, float))
        sway = np.sin(2 * np.pi * p / 100 + self.loop_phase) - np.sin(self.loop_phase)
        weights = np.stack([self.curve(p), self.root_curve(p), sway], axis=1)
        fields = np.stack([self.own[branch], self.root[branch], self.loop[branch]])
        return self.branches[branch].points + np.einsum("tk,knc->tnc", weights, fields)

    def at(self, percent: float) -> tuple[Branch, ...]:
        """The tree at a phase (percent of R-R, any number; period 100)."""
        return tuple(
            replace(branch, points=self.positions(i, percent)[0]) for i, branch in enumerate(self.branches)
        )


class _Builder:
    """Builds trees on one heart; keeps what every path needs."""

    def __init__(self, pose: Pose, sizes: Sizes, chambers: Chambers, rng: np.random.Generator) -> None:
        self.pose, self.sizes, self.rng = pose, sizes, rng
        self.walls = chambers.outside()
        self.aorta = chambers.aorta
        self.body = (*chambers.ventricles, *chambers.atria)
        self.root = root_centre(pose)

    def on(self, angle: float, level: float) -> npt.NDArray:
        """A surface point at an angle in degrees and a level in mm, slightly random."""
        return cast(self.pose, self.body, angle + self.rng.normal(0, 1.5), level + self.rng.normal(0, 1.2))

    def ostium(self, which: str) -> npt.NDArray:
        """The place on the aorta's wall, at this sinus, that other walls crowd least."""
        facing = sinus_direction(self.sizes, which)
        start = np.degrees(np.arctan2(facing[1], facing[0]))
        others = [shape for shape in self.walls if shape is not self.aorta]
        places = [
            self._on_aorta(start + turn, up)
            for turn in self.rng.uniform(-22, 22, 12)
            for up in self.rng.uniform(5, 13, 3)
        ]
        room = distance_to(others, np.stack(places))
        return places[int(np.argmax(np.minimum(room, 4.0)))]

    def _on_aorta(self, angle: float, up: float) -> npt.NDArray:
        v = np.radians(angle)
        reach = np.arange(6.0, 28.0, 0.25)
        ray = self.root + np.array([0, 0, up]) + reach[:, None] * np.array([np.cos(v), np.sin(v), 0.0])
        inside = distance_to((self.aorta,), ray) < -0.5
        return ray[int(np.flatnonzero(inside)[-1])]

    def path(self, controls: list[npt.NDArray], radii: tuple[float, float], fixed: int = 1) -> npt.NDArray:
        """A settled path through ``controls`` with a little tortuosity, every STEP mm."""
        rough = spline_through(np.stack(controls), 1.0)
        offset = self.rng.uniform(0.7, 1.6)
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
            amplitude = self.rng.uniform(0.3, 0.8) * wavelength / 14
            direction = self.rng.normal(size=3)
            direction /= np.linalg.norm(direction)
            wiggle += (
                amplitude * np.sin(2 * np.pi * s / wavelength + self.rng.uniform(0, 6.3))[:, None] * direction
            )
        return wiggle * np.clip(s / 15, 0, 1)[:, None]

    def side_branch(
        self,
        trunk: Branch,
        parent: int,
        joint: int,
        turn: float,
        advance: float,
        length: float,
        radii: tuple[float, float],
        name: str,
    ) -> Branch:
        """A branch from a point of ``trunk``, by ``turn`` degrees and ``advance`` mm toward the apex."""
        start = trunk.points[joint]
        r, s, a = self.pose.local(start)
        angle = np.degrees(np.arctan2(s, r - 10.0 * (1.0 - max(a, 0.0) / 85.0)))
        shares = np.linspace(0, 1, 6)[1:]
        controls = [start, *(self.on(angle + turn * q**0.8, a + advance * q) for q in shares)]
        points = self.path(controls, radii, fixed=2)
        points = points[: int(length / STEP) + 1]
        return Branch(points, np.linspace(*radii, len(points)), False, parent, joint, name)


def _taper(length: int, first: float, last: float, power: float = 0.9) -> npt.NDArray:
    return first + (last - first) * np.linspace(0, 1, length) ** power


def _at_mm(branch: Branch, mm: float) -> int:
    return int(min(round(mm / STEP), len(branch.points) - 8))


def _right(b: _Builder) -> tuple[Branch, ...]:
    rng, level = b.rng, -14.0
    ostium = b.ostium("right")
    out = ostium + 6.0 * sinus_direction(b.sizes, "right") + np.array([-1.5, 0, 0])
    groove = [b.on(v, level) for v in (52, 32, 12, -8, -28, -48, -68, -84)]
    down = [b.on(-88, v) for v in (4, 20, 36, 50, 62)]
    points = b.path([ostium, out, *groove, *down], (1.9, 0.8))
    points = points[: int(rng.uniform(130, 158) / STEP)]
    main = Branch(
        points, _taper(len(points), rng.uniform(1.75, 2.1), rng.uniform(0.7, 0.9)), True, name="RCA"
    )
    crux = int(np.argmin(np.linalg.norm(points - groove[-1], axis=1)))
    acute = int(np.argmin(np.linalg.norm(points - groove[4], axis=1)))
    early = int(np.argmin(np.linalg.norm(points - groove[1], axis=1)))
    size = (rng.uniform(0.85, 1.1), 0.5)
    return (
        main,
        b.side_branch(main, 0, acute, rng.uniform(-12, 8), 52, rng.uniform(32, 48), size, "acute marginal"),
        b.side_branch(main, 0, early, rng.uniform(10, 25), 40, rng.uniform(18, 30), (0.8, 0.5), "conus"),
        b.side_branch(main, 0, max(crux - 4, 0), -38, 30, rng.uniform(22, 36), (0.95, 0.5), "posterolateral"),
    )


def _left(b: _Builder) -> tuple[tuple[Branch, ...], tuple[Branch, ...]]:
    rng = b.rng
    ostium = b.ostium("left")
    length = rng.uniform(7, 12)
    towards = b.on(112, -8) - ostium
    aim = sinus_direction(b.sizes, "left") + 0.6 * towards / np.linalg.norm(towards)
    fork = ostium + length * aim / np.linalg.norm(aim)
    lad = b.path([ostium, fork, *_lad_controls(b)], (2.0, 0.7))
    lad = lad[: int(rng.uniform(100, 132) / STEP)]
    stem = int(length / STEP)
    lcx_tail = b.path([lad[stem], *_lcx_controls(b)], (1.6, 0.7), fixed=2)
    lcx = np.concatenate([lad[:stem], lcx_tail])[: int(rng.uniform(76, 108) / STEP)]
    main_radius = rng.uniform(2.0, 2.35)
    first, second = rng.uniform(1.65, 1.95), rng.uniform(1.45, 1.75)
    ant = Branch(lad, _stemmed(len(lad), stem, main_radius, first, 0.65), True, name="LAD")
    circ = Branch(lcx, _stemmed(len(lcx), stem, main_radius, second, 0.7), True, name="LCX")
    return _diagonals(b, ant), _marginals(b, circ)


def _lad_controls(b: _Builder) -> list[npt.NDArray]:
    levels = (-6, 6, 20, 34, 48, 60, 70, 76, 74, 66)
    angles = (100, 95, 92, 90, 88, 86, 82, 70, -75, -82)
    return [b.on(v, a) for v, a in zip(angles, levels, strict=True)]


def _lcx_controls(b: _Builder) -> list[npt.NDArray]:
    return [b.on(v, -12) for v in (128, 146, 164, 182, 200, 218, 236, 250)]


def _stemmed(count: int, stem: int, trunk: float, first: float, last: float) -> npt.NDArray:
    """Radii of a path whose first ``stem`` points are the left main."""
    fade = 1 / (1 + np.exp((np.arange(count) - stem) / 3.0))
    own = np.concatenate([np.full(stem, first), _taper(count - stem, first, last)])
    return fade * trunk + (1 - fade) * own


def _diagonals(b: _Builder, main: Branch) -> tuple[Branch, ...]:
    rng = b.rng
    places = (rng.uniform(26, 36), rng.uniform(48, 62))
    made = [
        b.side_branch(
            main, 0, _at_mm(main, mm), rng.uniform(32, 46), rng.uniform(38, 50), rng.uniform(28, 45),
            (rng.uniform(0.8, 1.1), 0.5), f"diagonal {i + 1}",
        )
        for i, mm in enumerate(places)
    ]  # fmt: skip
    return (main, *made)


def _marginals(b: _Builder, main: Branch) -> tuple[Branch, ...]:
    rng = b.rng
    places = [rng.uniform(28, 40)] + ([rng.uniform(55, 66)] if rng.random() < 0.7 else [])
    made = [
        b.side_branch(
            main, 0, _at_mm(main, mm), rng.uniform(0, 18), rng.uniform(52, 64), rng.uniform(35, 52),
            (rng.uniform(0.85, 1.15), 0.5), f"obtuse marginal {i + 1}",
        )
        for i, mm in enumerate(places)
    ]  # fmt: skip
    return (main, *made)


@dataclass(frozen=True)
class Drive:
    """What moves one vessel: its curve and how far it goes (mm at end systole)."""

    curve: Curve
    amplitude: float
    loop_phase: float


def _directions(pose: Pose, points: npt.NDArray, toward_apex: float) -> npt.NDArray:
    """Unit-length directions (N, 3) of systolic motion, without most of the part along the path."""
    local = pose.local(points)
    inward = np.stack([-(local[:, 0] - 10), -local[:, 1]], 1)
    inward /= np.maximum(np.linalg.norm(inward, axis=1, keepdims=True), 1e-6)
    twist = np.stack([-inward[:, 1], inward[:, 0]], 1)
    across = (0.5 + 0.3 * toward_apex) * inward + (0.75 - 0.4 * toward_apex) * twist
    want = across @ pose.axes[:2] + toward_apex * pose.axes[2]
    tangent = np.gradient(_heavy_smooth(points), axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-6)
    want = want - 0.8 * (want * tangent).sum(1, keepdims=True) * tangent
    want = _heavy_smooth(want)
    return want / np.maximum(np.linalg.norm(want, axis=1, keepdims=True), 0.3)


def _heavy_smooth(values: npt.NDArray, half: int = 24) -> npt.NDArray:
    half = min(half, (len(values) - 1) // 2)
    kernel = np.hanning(2 * half + 3)[1:-1]
    kernel /= kernel.sum()
    padded = np.concatenate(
        [2 * values[:1] - values[half:0:-1], values, 2 * values[-1:] - values[-2 : -half - 2 : -1]]
    )
    return np.stack([np.convolve(padded[:, i], kernel, "valid") for i in range(3)], axis=1)


def _smoothstep(x: npt.NDArray) -> npt.NDArray:
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)


@dataclass(frozen=True)
class _Stage:
    """What trees move in: the pose, the root's curve, the walls at end diastole and at end systole."""

    pose: Pose
    root: Curve
    diastole: Sequence[Shape]
    systole: Sequence[Shape]


def _animate(stage: _Stage, name: str, tree: tuple[Branch, ...], drive: Drive, free: float) -> Vessel:
    """Give every branch its displacements; ``free`` mm from the ostium the motion is still the root's."""
    toward_apex = {"RCA": 1.1, "LAD": 0.3, "LCX": 0.8}[name]
    axes = stage.pose.axes
    shared, sway_axis = ROOT_EXCURSION_MM * axes[2], axes[0] * 0.12 + axes[1] * 0.08
    own: list[npt.NDArray] = []
    base: list[npt.NDArray] = []
    loop: list[npt.NDArray] = []
    for branch in tree:
        start = 0.0 if branch.main else STEP * branch.joint
        s = start + STEP * np.arange(len(branch.points))
        mix = _smoothstep((s - free) / 28.0)[:, None]
        fade = (1.0 - 0.25 * _smoothstep((s - 90) / 50.0))[:, None]
        way = drive.amplitude * mix * fade * _directions(stage.pose, branch.points, toward_apex)
        if not branch.main:
            way = _joined(way, own[branch.parent][branch.joint])
        base.append((1 - mix) * shared)
        hold = _smoothstep((s - start) / 15.0) if not branch.main else _smoothstep((s - free) / 10.0)
        own.append(_outside_walls(stage, branch.points, way, base[-1], hold[:, None]))
        loop.append(mix * sway_axis)
    return Vessel(name, tree, tuple(own), tuple(base), tuple(loop), drive.curve, stage.root, drive.loop_phase)


def _outside_walls(
    stage: _Stage, points: npt.NDArray, way: npt.NDArray, base: npt.NDArray, hold: npt.NDArray
) -> npt.NDArray:
    """Bend displacements (N, 3) so that at end systole the path lies outside the contracted walls.

    ``hold`` (N, 1) is 0 where a displacement must stay as it is (the ostium, the start of a side branch).
    """
    depth = np.minimum(distance_to(stage.diastole, points), 3.0)
    for _ in range(4):
        shift = outward(points + base + way, stage.systole, depth)
        way = way + hold * _heavy_smooth(shift, half=10)
    return way


def _joined(way: npt.NDArray, at_joint: npt.NDArray) -> npt.NDArray:
    """Start a side branch with its trunk's motion and go over to its own within 15 mm."""
    w = _smoothstep(np.arange(len(way)) * STEP / 15.0)[:, None]
    return (1 - w) * at_joint + w * way


def build_trees(
    pose: Pose, sizes: Sizes, rng: np.random.Generator, drives: dict[str, Drive], root: Curve
) -> tuple[Vessel, ...]:
    """The trees in the order RCA, LAD, LCX; LAD and LCX share the points of the left main."""
    diastole = build_chambers(pose, sizes, Contraction(0.0, 0.0, 0.0))
    systole = build_chambers(pose, sizes, Contraction(1.0, 1.0, 1.0))
    stage = _Stage(pose, root, diastole.outside(), systole.outside())
    builder = _Builder(pose, sizes, diastole, rng)
    right = _right(builder)
    lad, lcx = _left(builder)
    trees = {"RCA": right, "LAD": lad, "LCX": lcx}
    free = {"RCA": 4.0, "LAD": 12.5, "LCX": 12.5}
    made = [_animate(stage, n, tree, drives[n], free[n]) for n, tree in trees.items()]
    return tuple(replace(v, calcifications=_calcify(v, rng)) for v in made)


def _calcify(vessel: Vessel, rng: np.random.Generator) -> tuple[Calcification, ...]:
    count = int(rng.choice([0, 0, 1, 2, 3, 5]))
    found = []
    for _ in range(count):
        index = int(np.clip(rng.gamma(2.0, 16.0), 6, 80) / STEP)
        radius = float(rng.uniform(0.5, 1.1))
        found.append(
            Calcification(
                0, min(index, len(vessel.branches[0].points) - 10), float(rng.uniform(0, 6.28)), radius,
                float(radius * rng.uniform(1.0, 3.0)), float(rng.uniform(600, 1100)),
            )
        )  # fmt: skip
    return tuple(found)
