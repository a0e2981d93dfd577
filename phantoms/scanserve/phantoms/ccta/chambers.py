"""Chambers and great vessels as shapes at a given contraction.

Heart coordinates (r, s, a): r points from the septum to the right ventricle, s to the anterior groove, a to the
apex; a = 0 is near the valve plane.  A :class:`Contraction` is 0 at end diastole and 1 at end systole: the
valve plane moves toward the apex, the cavities of the ventricles shrink, their walls thicken, and the atria fill.
The two sides of the heart and the aortic root contract separately, so that walls move with the vessels on them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.phantoms.ccta.pose import Pose
from scanserve.phantoms.ccta.ranges import PLAIN, Body, draw
from scanserve.phantoms.ccta.shapes import Capsule, Shape, Union, tube
from scanserve.phantoms.ellipsoid import Ellipsoid

__all__ = [
    "ROOT_EXCURSION_MM",
    "Chambers",
    "Contraction",
    "Sizes",
    "build_chambers",
    "root_centre",
    "sample_sizes",
    "sinus_direction",
    "upper_cava",
]

#: Excursion of the aortic root, which follows the valve plane in part, mm.
ROOT_EXCURSION_MM = 4.0


@dataclass(frozen=True)
class Sizes:
    """Individual lengths in mm (before the pose's scale)."""

    lv_radius: float
    lv_wall: float
    rv_reach: float
    atrium_left: float
    atrium_right: float
    aorta: float
    pulmonary: float
    descending: float
    excursion: float
    sinus_turn: float


@dataclass(frozen=True)
class Contraction:
    """The state of each part between end diastole (0) and end systole (1)."""

    left: float
    right: float
    root: float


@dataclass(frozen=True)
class Chambers:
    """The painted parts of the heart, as shapes in LPS mm."""

    ventricles: tuple[Ellipsoid, Ellipsoid]
    right_cavity: Ellipsoid
    left_cavity: Ellipsoid
    papillary: tuple[Shape, ...]
    atria: tuple[Ellipsoid, Ellipsoid]
    orifices: tuple[Shape, Shape, Shape]
    appendages: tuple[Shape, Shape]
    pulmonary_veins: tuple[Shape, ...]
    cavae: tuple[Shape, Shape]
    coronary_sinus: Shape
    aorta: Shape
    pulmonary_artery: Shape

    def outside(self) -> tuple[Shape, ...]:
        """The shapes that coronaries must not enter and pericardial fat covers."""
        return (
            *self.ventricles,
            *self.atria,
            self.aorta,
            self.pulmonary_artery,
            *self.appendages,
            *self.pulmonary_veins,
            self.coronary_sinus,
        )


def sample_sizes(rng: np.random.Generator, body: Body = PLAIN.body) -> Sizes:
    """Random adult sizes."""
    return Sizes(
        lv_radius=draw(rng, body.lv_radius),
        lv_wall=draw(rng, body.lv_wall),
        rv_reach=draw(rng, body.rv_reach),
        atrium_left=draw(rng, body.atrium_left),
        atrium_right=draw(rng, body.atrium_right),
        aorta=draw(rng, body.aorta),
        pulmonary=draw(rng, body.pulmonary),
        descending=draw(rng, body.descending),
        excursion=draw(rng, body.excursion),
        sinus_turn=np.radians(rng.normal(0, body.sinus_turn_spread)),
    )


def root_centre(pose: Pose, excursion: float = 0.0) -> npt.NDArray:
    """The centre (3,) of the aortic root, ``excursion`` mm toward the apex from its end-diastolic position."""
    return pose.at(9, 15, -20) + pose.axes[2] * excursion


def sinus_direction(sizes: Sizes, which: str) -> npt.NDArray:
    """The horizontal unit vector (3,) in LPS to the ``left``, ``right`` or ``non`` coronary sinus."""
    angle = {"right": -114.0, "left": 6.0, "non": 126.0}[which]
    turned = np.radians(angle) + sizes.sinus_turn
    return np.array([np.cos(turned), np.sin(turned), 0.0])


def _left_ventricle(pose: Pose, sizes: Sizes, c: float) -> Ellipsoid:
    radius, move = sizes.lv_radius - 4.0 * c, sizes.excursion * c
    semi = pose.size * np.array([radius, radius, 58 - 0.45 * move])
    return Ellipsoid(pose.at(0, 0, 20 + 0.5 * move), semi, pose.axes)


def _right_ventricle(pose: Pose, sizes: Sizes, c: float, shrink: float = 0.0) -> Ellipsoid:
    move = sizes.excursion * c
    semi = pose.size * np.array([sizes.rv_reach - 4.0 * c, 37 - 4.0 * c, 54 - 0.6 * move]) - shrink
    return Ellipsoid(pose.at(26 - 3.0 * c, 2, 14 + 0.65 * move), semi, pose.axes)


def _left_cavity(pose: Pose, sizes: Sizes, c: float) -> Ellipsoid:
    radius = sizes.lv_radius - sizes.lv_wall - 8.0 * c
    return Ellipsoid(
        pose.at(0, 0, 16 + 0.6 * sizes.excursion * c),
        pose.size * np.array([radius, radius, 51 - 0.75 * sizes.excursion * c]),
        pose.axes,
    )


def _papillary(pose: Pose, c: float) -> tuple[Shape, ...]:
    return tuple(
        Capsule(pose.at(r, s, 52), pose.at(0.75 * r, 0.75 * s, 24 + 4 * c), 5.0, 3.0)
        for r, s in ((-11, 12), (-9, -13))
    )


def _atria(pose: Pose, sizes: Sizes, c: Contraction) -> tuple[Ellipsoid, Ellipsoid]:
    left, right, far = sizes.atrium_left, sizes.atrium_right, sizes.excursion
    grow = 1.0 + 0.06 * c.left, 1.0 + 0.06 * c.right
    return (
        Ellipsoid(
            pose.at(-6, -8, -36 + 0.6 * far * c.left),
            pose.size * grow[0] * np.array([left + 3, left + 1, 23]),
            pose.axes,
        ),
        Ellipsoid(
            pose.at(36 - 3.0 * c.right, -6, -36 + 0.8 * far * c.right),
            pose.size * grow[1] * np.array([right - 1, right + 5, 24]),
            pose.axes,
        ),
    )


def _aorta(pose: Pose, sizes: Sizes, c: float) -> Shape:
    root = root_centre(pose, ROOT_EXCURSION_MM * c)
    bulges = tuple(
        Ellipsoid(
            root + 6.5 * sinus_direction(sizes, w) + [0, 0, 4.0], np.array([10.5, 10.5, 12.0]), np.eye(3)
        )
        for w in ("right", "left", "non")
    )
    course = np.array(
        [[0, 0, -6], [-1, -2, 16], [-5, -6, 38], [-6, -2, 60], [2, 12, 80], [12, 34, 84]], float
    )
    radius = np.array([sizes.aorta - 2.5, sizes.aorta - 1, sizes.aorta, sizes.aorta, sizes.aorta - 1.5, 12])
    return Union((*bulges, tube(root + course, radius)))


def _pulmonary(pose: Pose, sizes: Sizes, c: float) -> Shape:
    root, p = root_centre(pose, ROOT_EXCURSION_MM * c), sizes.pulmonary
    trunk = root + np.array([[5, -31, 0], [16, -27, 14], [26, -17, 28], [29, -2, 38]], float)
    right = root + np.array([[29, -2, 38], [12, 17, 37], [-18, 20, 34], [-45, 24, 28]], float)
    left = root + np.array([[29, -2, 38], [38, 16, 42], [47, 34, 36]], float)
    parts = (
        tube(trunk, np.array([p + 1, p, p + 1, p])),
        tube(right, np.array([p, 9.5, 9.0, 8.0])),
        tube(left, np.array([p, 10.0, 8.0])),
    )
    return Union(parts)


def _veins(atrium: Ellipsoid) -> tuple[Shape, ...]:
    ends = ((44, 16, 18), (46, 20, -6), (-44, 18, 14), (-46, 18, -12))
    return tuple(
        Capsule(atrium.centre + 0.42 * np.array(e, float), atrium.centre + np.array(e, float), 8.0, 5.0)
        for e in ends
    )


def upper_cava(atrium: Ellipsoid) -> npt.NDArray:
    """The centerline (3, 3) of the superior vena cava, from the right atrium upward."""
    return atrium.centre + np.array([[2, 8, 12], [4, 4, 40], [2, 0, 95]], float)


def _cavae(atrium: Ellipsoid) -> tuple[Shape, Shape]:
    c = atrium.centre
    down = np.array([[2, 10, -12], [6, 18, -45], [4, 24, -90]], float)
    upper = tube(upper_cava(atrium), np.array([10.0, 9.0, 8.5]))
    lower = tube(c + down, np.array([11.0, 12.0, 13.0]))
    return upper, lower


def _orifices(pose: Pose, c: Contraction) -> tuple[Shape, Shape, Shape]:
    return (
        Capsule(pose.at(-4, -6, -24), pose.at(-1, -2, 2 + 8 * c.left), 13.0, 13.0),
        Capsule(pose.at(34, -4, -24), pose.at(28, 0, 2 + 8 * c.right), 15.0, 14.0),
        Capsule(root_centre(pose, ROOT_EXCURSION_MM * c.root), pose.at(3, 4, 10 + 5 * c.left), 11.0, 12.0),
    )


def _appendages(pose: Pose) -> tuple[Shape, Shape]:
    left = tube(
        np.stack([pose.at(-20, 8, -32), pose.at(-26, 24, -22), pose.at(-18, 35, -16)]), np.array([8.0, 7, 5])
    )
    right = tube(
        np.stack([pose.at(44, 8, -34), pose.at(40, 24, -28), pose.at(32, 33, -24)]), np.array([9.0, 8, 6])
    )
    return left, right


def _coronary_sinus(pose: Pose, sizes: Sizes, c: float) -> Shape:
    angles = np.radians([-88, -110, -135, -160])
    level = -22 + 0.6 * sizes.excursion * c
    places = [pose.at(2 + 31 * np.cos(v), 33 * np.sin(v), level) for v in angles]
    return tube(np.stack(places), np.array([4.5, 4, 3.5, 2.5]))


def build_chambers(pose: Pose, sizes: Sizes, contraction: Contraction) -> Chambers:
    """Build all parts at one contraction."""
    c = contraction
    atria = _atria(pose, sizes, c)
    return Chambers(
        ventricles=(_left_ventricle(pose, sizes, c.left), _right_ventricle(pose, sizes, c.right)),
        right_cavity=_right_ventricle(pose, sizes, c.right, shrink=3.5 + c.right),
        left_cavity=_left_cavity(pose, sizes, c.left),
        papillary=_papillary(pose, c.left),
        atria=atria,
        orifices=_orifices(pose, c),
        appendages=_appendages(pose),
        pulmonary_veins=_veins(atria[0]),
        cavae=_cavae(atria[1]),
        coronary_sinus=_coronary_sinus(pose, sizes, c.left),
        aorta=_aorta(pose, sizes, c.root),
        pulmonary_artery=_pulmonary(pose, sizes, c.root),
    )
