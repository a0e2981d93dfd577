"""The three trees of a heart: their arteries and branches, lengths and widths.

Dominance defines the supply of the back of the heart: ``right`` (posterior descending and posterolateral
arteries from the RCA), ``left`` (both from the LCX; the RCA ends at the sharp margin), or ``co`` (posterior
descending from the RCA, posterolaterals from the LCX).  The posterior descending artery is the end of a main
path.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from scanserve.phantoms.ccta.animate import Drive, Stage, animate
from scanserve.phantoms.ccta.bends import eased
from scanserve.phantoms.ccta.chambers import Contraction, Sizes, sinus_direction
from scanserve.phantoms.ccta.coronaries import STEP, Artery, ArteryBranch
from scanserve.phantoms.ccta.motion import Curve
from scanserve.phantoms.ccta.paths import PathBuilder
from scanserve.phantoms.ccta.plaque import SoftPlaque, calcify, soften
from scanserve.phantoms.ccta.pose import Pose
from scanserve.phantoms.ccta.ranges import Lesions, Range, Ranges, Trees, draw, happens
from scanserve.phantoms.ccta.stents import place_stent
from scanserve.phantoms.ccta.walls import Walls, phantom_walls

__all__ = ["build_trees", "sample_dominance"]

#: Origins of the side branches of the left arteries, mm from the ostium.
DIAGONAL_MM: tuple[Range, ...] = ((26, 36), (48, 62), (70, 86))
MARGINAL_MM: tuple[Range, ...] = ((28, 40), (55, 66), (78, 92))
#: A branch whose origin lies farther than this beyond the end of the trunk is omitted; else it leaves at the end.
BEYOND_MM = 10.0
#: Length over which the circumflex first continues, mm, and its largest turn from the left main, degrees.
LEAVING_MM, MOST_TURN = 5.0, 60.0
#: Relative calibre of an RCA that does not supply the back.
SHORT_RCA = 0.8


@dataclass(frozen=True)
class RestingTree:
    """Branches at 0 %, the main path first; its first ``free`` mm from the ostium move with the root."""

    branches: tuple[ArteryBranch, ...]
    soft: tuple[SoftPlaque, ...]
    free: float
    first_lesion: int


def sample_dominance(rng: np.random.Generator, trees: Trees) -> str:
    """``right``, ``left`` or ``co``."""
    if happens(rng, trees.left_chance):
        return "left"
    return "co" if happens(rng, trees.co_chance / (1 - trees.left_chance)) else "right"


def build_trees(
    pose: Pose,
    sizes: Sizes,
    rng: np.random.Generator,
    drives: dict[str, Drive],
    root: Curve,
    ranges: Ranges,
    dominance: str,
    walls: Walls | None = None,
) -> tuple[tuple[Artery, ...], PathBuilder]:
    """Build the trees in the order RCA, LAD, LCX; returns them and the builder of their paths.

    LAD and LCX share the points of the left main.  Static ``walls`` replace those of the phantom.
    """
    diastole = walls or phantom_walls(pose, sizes, Contraction(0.0, 0.0, 0.0))
    systole = walls or phantom_walls(pose, sizes, Contraction(1.0, 1.0, 1.0))
    stage = Stage(pose, root, diastole.outside, systole.outside)
    builder = PathBuilder(pose, sizes, diastole, rng, ranges.trees)
    right = _right(builder, ranges.lesions, dominance)
    lad, lcx = _left(builder, ranges.lesions, dominance)
    trees = {"RCA": right, "LAD": lad, "LCX": lcx}
    made = [animate(stage, n, tree.branches, drives[n], tree.free) for n, tree in trees.items()]
    vessels = tuple(_with_lesions(v, trees[v.abbreviation], ranges.lesions, rng) for v in made)
    return vessels, builder


def _with_lesions(vessel: Artery, tree: RestingTree, lesions: Lesions, rng: np.random.Generator) -> Artery:
    count = len(vessel.branches[0].points)
    calcifications = calcify(count, lesions, rng)
    stented = happens(rng, lesions.stent_chance)
    stents = (place_stent(tree.first_lesion, count, lesions, rng),) if stented else ()
    return replace(vessel, calcifications=calcifications, soft=tree.soft, stents=stents)


def _taper(length: int, first: float, last: float, power: float = 0.9) -> npt.NDArray:
    return first + (last - first) * np.linspace(0, 1, length) ** power


def _at_mm(branch: ArteryBranch, mm: float) -> int:
    return int(min(round(mm / STEP), len(branch.points) - 8))


def _nearest(points: npt.NDArray, place: npt.NDArray) -> int:
    return int(np.argmin(np.linalg.norm(points - place, axis=1)))


def _softened(
    builder: PathBuilder, main: ArteryBranch, start: int, lesions: Lesions
) -> tuple[ArteryBranch, tuple[SoftPlaque, ...]]:
    if not happens(builder.rng, lesions.soft_chance):
        return main, ()
    points, radii, body = soften(main.points, main.radii, start, lesions, builder.rng)
    return replace(main, points=points, radii=radii), (body,)


def _right_path(builder: PathBuilder, dominance: str) -> tuple[npt.NDArray, list[npt.NDArray]]:
    """The points of the main path, and its control points in the groove."""
    level = -14.0
    ostium = builder.ostium("right")
    out = ostium + 6.0 * sinus_direction(builder.sizes, "right") + np.array([-1.5, 0, 0])
    short = dominance == "left"
    angles = (52, 32, 12, -8, -28, -46) if short else (52, 32, 12, -8, -28, -48, -68, -84)
    groove = [builder.on(v, level) for v in angles]
    angle, levels = (-52, (0, 14, 30, 46)) if short else (-88, (4, 20, 36, 50, 62))
    down = [builder.on(angle, depth) for depth in levels]
    points = builder.path([ostium, out, *groove, *down], (1.9, 0.8))
    span = builder.trees.short_right_length if short else builder.trees.right_length
    return points[: int(draw(builder.rng, span) / STEP)], groove


def _right(builder: PathBuilder, lesions: Lesions, dominance: str) -> RestingTree:
    rng, trees = builder.rng, builder.trees
    points, groove = _right_path(builder, dominance)
    wide = draw(rng, trees.calibre) * (SHORT_RCA if dominance == "left" else 1.0)
    first, last = rng.uniform(1.75, 2.1), rng.uniform(0.7, 0.9)
    main = ArteryBranch(points, wide * _taper(len(points), first, last), True, name="RCA")
    main, soft = _softened(builder, main, 8, lesions)
    crux, acute, early = (_nearest(points, groove[i]) for i in (-1, 4, 1))
    size = (wide * rng.uniform(0.85, 1.1), 0.5)
    made = [main]
    if happens(rng, trees.acute_chance):
        turn, length = rng.uniform(-12, 8), rng.uniform(32, 48)
        made.append(builder.side_branch(main, 0, acute, turn, 52, length, size, "acute marginal"))
    if happens(rng, trees.conus_chance):
        turn, length = rng.uniform(10, 25), rng.uniform(18, 30)
        made.append(builder.side_branch(main, 0, early, turn, 40, length, (0.8, 0.5), "conus"))
    if dominance == "right" and happens(rng, trees.posterolateral_chance):
        length, at = rng.uniform(22, 36), max(crux - 4, 0)
        made.append(builder.side_branch(main, 0, at, -38, 30, length, (wide * 0.95, 0.5), "posterolateral"))
    return RestingTree(tuple(made), soft, 4.0, 8)


def _left_paths(builder: PathBuilder, dominance: str) -> tuple[npt.NDArray, npt.NDArray, int, float]:
    """The points of LAD and LCX, the index of their fork, and the drawn length of the left main in mm."""
    rng, trees = builder.rng, builder.trees
    ostium = builder.ostium("left")
    length = draw(rng, trees.left_main)
    towards = builder.on(112, -8) - ostium
    aim = sinus_direction(builder.sizes, "left") + 0.6 * towards / np.linalg.norm(towards)
    fork = ostium + length * aim / np.linalg.norm(aim)
    lad = builder.path([ostium, fork, *_lad_controls(builder)], (2.0, 0.7))
    lad_count = int(draw(rng, trees.anterior_length) / STEP)
    stem = int(length / STEP)
    groove = _lcx_controls(builder, dominance)[1:]
    lcx_tail = builder.path([lad[stem], *_leaving(lad, stem, groove[0]), *groove], (1.6, 0.7), fixed=2)
    span = trees.circumflex_length if dominance == "right" else trees.long_circumflex_length
    lad, lcx, stem = eased(lad, lcx_tail, stem, int(trees.left_main[0] / STEP), builder.walls)
    return lad[:lad_count], lcx[: int(draw(rng, span) / STEP)], stem, length


def _left(builder: PathBuilder, lesions: Lesions, dominance: str) -> tuple[RestingTree, RestingTree]:
    rng, trees = builder.rng, builder.trees
    lad, lcx, stem, length = _left_paths(builder, dominance)
    wide = draw(rng, trees.calibre)
    main_radius = wide * rng.uniform(2.0, 2.35)
    first, second = wide * rng.uniform(1.65, 1.95), wide * rng.uniform(1.45, 1.75)
    anterior = ArteryBranch(lad, _stemmed(len(lad), stem, main_radius, first, wide * 0.65), True, name="LAD")
    circumflex = ArteryBranch(
        lcx, _stemmed(len(lcx), stem, main_radius, second, wide * 0.7), True, name="LCX"
    )
    anterior, anterior_soft = _softened(builder, anterior, stem, lesions)
    circumflex, circumflex_soft = _softened(builder, circumflex, stem, lesions)
    free, first_lesion = max(12.5, length + 0.5), stem + 4
    diagonals = _diagonals(builder, anterior, wide)
    marginals = _marginals(builder, circumflex, wide, dominance)
    branches = (*marginals, *_ramus(builder, circumflex, stem, wide))
    return (
        RestingTree(diagonals, anterior_soft, free, first_lesion),
        RestingTree(branches, circumflex_soft, free, first_lesion),
    )


def _lad_controls(builder: PathBuilder) -> list[npt.NDArray]:
    levels = (-6, 6, 20, 34, 48, 60, 70, 76, 74, 66)
    angles = (100, 95, 92, 90, 88, 86, 82, 70, -75, -82)
    return [builder.on(v, a) for v, a in zip(angles, levels, strict=True)]


def _lcx_controls(builder: PathBuilder, dominance: str) -> list[npt.NDArray]:
    angles = (128, 146, 164, 182, 200, 218, 236, 250)
    more = {"right": (), "co": (260,), "left": (262, 270)}[dominance]
    groove = [builder.on(v, -12) for v in (*angles, *more)]
    return groove + [builder.on(272, v) for v in ((4, 20, 36, 50) if dominance == "left" else ())]


def _leaving(trunk: npt.NDArray, fork: int, target: npt.NDArray) -> list[npt.NDArray]:
    """The first points (3,) of an artery that leaves ``trunk`` at its point ``fork`` toward ``target``.

    The circumflex turns by 50 degrees out of the left main and leaves the LAD at 74 (medians of 44 patients by CT,
    J Invasive Cardiol 27 (2015) 401-404); if the groove lies further back, it first turns by MOST_TURN only.
    """
    before, toward = trunk[fork] - trunk[max(fork - 8, 0)], target - trunk[fork]
    ahead, side = before / np.linalg.norm(before), toward / np.linalg.norm(toward)
    across = side - (side @ ahead) * ahead
    across /= max(float(np.linalg.norm(across)), 1e-6)
    turn = min(float(np.arccos(np.clip(ahead @ side, -1, 1))), np.radians(MOST_TURN))
    direction = np.cos(turn) * ahead + np.sin(turn) * across
    return [trunk[fork] + share * LEAVING_MM * direction for share in (0.5, 1.0)]


def _stemmed(count: int, stem: int, trunk: float, first: float, last: float) -> npt.NDArray:
    """Radii of a path whose first ``stem`` points are the left main."""
    fade = 1 / (1 + np.exp((np.arange(count) - stem) / 3.0))
    own = np.concatenate([np.full(stem, first), _taper(count - stem, first, last)])
    return fade * trunk + (1 - fade) * own


def _sites(
    builder: PathBuilder, main: ArteryBranch, spans: tuple[Range, ...], chances: tuple[float, ...]
) -> list[float]:
    """Origins of the side branches on ``main``, mm from the ostium."""
    end = STEP * len(main.points) + BEYOND_MM
    places = [
        draw(builder.rng, span)
        for span, chance in zip(spans, chances, strict=True)
        if happens(builder.rng, chance)
    ]
    return [mm for mm in places if mm < end]


def _diagonals(builder: PathBuilder, main: ArteryBranch, wide: float) -> tuple[ArteryBranch, ...]:
    rng, made = builder.rng, [main]
    for number, mm in enumerate(_sites(builder, main, DIAGONAL_MM, builder.trees.diagonal_chances), start=1):
        turn, advance, length = rng.uniform(32, 46), rng.uniform(38, 50), rng.uniform(28, 45)
        size, name = (wide * rng.uniform(0.8, 1.1), 0.5), f"diagonal {number}"
        made.append(builder.side_branch(main, 0, _at_mm(main, mm), turn, advance, length, size, name))
    return tuple(made)


def _marginals(
    builder: PathBuilder, main: ArteryBranch, wide: float, dominance: str
) -> tuple[ArteryBranch, ...]:
    rng, made = builder.rng, [main]
    for number, mm in enumerate(_sites(builder, main, MARGINAL_MM, builder.trees.marginal_chances), start=1):
        turn, advance, length = rng.uniform(0, 18), rng.uniform(52, 64), rng.uniform(35, 52)
        size, name = (wide * rng.uniform(0.85, 1.15), 0.5), f"obtuse marginal {number}"
        made.append(builder.side_branch(main, 0, _at_mm(main, mm), turn, advance, length, size, name))
    if dominance != "right" and happens(rng, builder.trees.posterolateral_chance):
        at, turn, length = _at_mm(main, rng.uniform(84, 94)), rng.uniform(-6, 8), rng.uniform(24, 40)
        made.append(builder.side_branch(main, 0, at, turn, 44, length, (wide * 0.9, 0.5), "posterolateral"))
    return tuple(made)


def _ramus(builder: PathBuilder, main: ArteryBranch, stem: int, wide: float) -> tuple[ArteryBranch, ...]:
    """The branch that leaves at the fork between LAD and LCX; it belongs to the LCX."""
    if not happens(builder.rng, builder.trees.ramus_chance):
        return ()
    turn, length, size = (
        builder.rng.uniform(14, 28),
        builder.rng.uniform(35, 60),
        (wide * builder.rng.uniform(0.9, 1.25), 0.5),
    )
    return (builder.side_branch(main, 0, stem, turn, 56, length, size, "ramus intermedius"),)
