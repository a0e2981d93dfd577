"""The surroundings of the heart: trunk, lungs with their vessels, bones, liver, descending aorta."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.phantoms.ccta.ranges import PLAIN, Body, Range, draw
from scanserve.phantoms.ccta.shapes import Capsule, Cylinder, Ribs, Shape, Vertebrae, tube
from scanserve.phantoms.ellipsoid import Ellipsoid

__all__ = ["Chest", "PaintLayer", "sample_chest"]

#: Attenuation, HU.
FAT, MUSCLE, CORTEX, MARROW, DISC, LIVER, CORD, OESOPHAGUS = (
    -100.0,
    52.0,
    620.0,
    190.0,
    85.0,
    95.0,
    30.0,
    40.0,
)
AIR, AIRWAY, LUNG_VESSEL, SOFT = -1000.0, -980.0, 40.0, 55.0


@dataclass(frozen=True)
class PaintLayer:
    """A painted shape with its HU and inflation (mm)."""

    shape: Shape
    hu: float
    inflate: float = 0.0


@dataclass(frozen=True, eq=False)
class Chest:
    """Layers in painting order: ``trunk`` before the fat of the heart, ``middle`` after it and before the chambers.

    ``descending`` is the descending aorta (painted with the HU of the aorta by the renderer), ``cavity`` the space
    within the ribs.
    """

    trunk: tuple[PaintLayer, ...]
    middle: tuple[PaintLayer, ...]
    descending: Shape
    pericardial_fat: float
    cavity: Cylinder


def _bones(x: float, y: float, sx: float, sy: float, rng: np.random.Generator) -> tuple[PaintLayer, ...]:
    ring = Cylinder(x, y, sx + 5, sy + 5)
    pitch, shift = rng.uniform(27, 32), rng.uniform(-15, 15)
    return (
        PaintLayer(Ribs(ring, pitch, shift, 0.42, 3.4, 5.8), CORTEX),
        PaintLayer(Ribs(ring, pitch, shift, 0.42, 1.7, 4.0), MARROW),
    )


def _spine(x: float, y: float, rng: np.random.Generator) -> tuple[PaintLayer, ...]:
    pitch, shift = rng.uniform(25, 29), rng.uniform(-13, 13)
    body, core = Cylinder(x, y, 18, 14.5), Cylinder(x, y, 16.3, 12.8)
    levels = shift + pitch * np.arange(-4, 5)
    return (
        PaintLayer(Cylinder(x, y + 21, 42, 24), MUSCLE),
        PaintLayer(Cylinder(x, y, 17.5, 14), DISC),
        PaintLayer(Vertebrae(body, pitch, pitch - 5, shift), CORTEX * 0.75),
        PaintLayer(Vertebrae(core, pitch, pitch - 7.5, shift), MARROW),
        *(PaintLayer(_arch(x, y, z, side), 380.0) for side in (-1, 1) for z in levels),
        *(PaintLayer(_spinous_process(x, y, z), 350.0) for z in levels),
        *(PaintLayer(_transverse_process(x, y, z, side), 330.0) for side in (-1, 1) for z in levels),
        PaintLayer(Cylinder(x, y + 20.5, 8.5, 7.0), CORD),
    )


def _arch(x: float, y: float, z: float, side: int) -> Shape:
    """The half of a vertebral arch on one side (-1 or 1 along x)."""
    return tube(np.array([[x + side * 9, y + 14, z], [x + side * 12, y + 20, z], [x, y + 31, z - 3]]), 3.6)


def _spinous_process(x: float, y: float, z: float) -> Shape:
    return Capsule(np.array([x, y + 30, z - 3.0]), np.array([x, y + 47, z - 16.0]), 4.0, 3.5)


def _transverse_process(x: float, y: float, z: float, side: int) -> Shape:
    start, end = np.array([x + side * 12, y + 18, z]), np.array([x + side * 33, y + 26, z + 3])
    return Capsule(start, end, 4.5, 4.0)


def _sternum(x: float, y: float) -> tuple[PaintLayer, ...]:
    tilt = np.array([[1, 0, 0], [0, 0.98, 0.17], [0, -0.17, 0.98]])
    centre = np.array([x, y, 30.0])
    return (
        PaintLayer(Ellipsoid(centre, np.array([19.0, 6.5, 95]), tilt), CORTEX * 0.7),
        PaintLayer(Ellipsoid(centre, np.array([17.3, 4.8, 93]), tilt), MARROW * 0.8),
    )


def _grow(
    start: npt.NDArray,
    direction: npt.NDArray,
    radius: float,
    depth: int,
    rng: np.random.Generator,
    into: list[PaintLayer],
) -> None:
    """Add a lung vessel and, below it, two thinner ones."""
    length = rng.uniform(14, 24) * (0.8 + 0.1 * depth)
    end = start + direction * length
    thin = radius * 0.78
    into.append(
        PaintLayer(Capsule(start, end, radius, thin), LUNG_VESSEL if radius < 2.5 else LUNG_VESSEL + 120)
    )
    if depth == 0:
        return
    for _ in range(2):
        turn = direction + rng.normal(0, 0.42, 3)
        _grow(end, turn / np.linalg.norm(turn), thin * rng.uniform(0.75, 1.0), depth - 1, rng, into)


def _lung_vessels(x: float, y: float, rng: np.random.Generator) -> tuple[PaintLayer, ...]:
    made: list[PaintLayer] = []
    for side in (-1, 1):
        for _ in range(7):
            start = np.array([x + side * rng.uniform(32, 45), y + rng.uniform(-8, 22), rng.uniform(-25, 45)])
            direction = np.array([side * rng.uniform(0.2, 1), rng.uniform(-1, 0.9), rng.uniform(-0.8, 0.8)])
            _grow(start, direction / np.linalg.norm(direction), rng.uniform(2.6, 4.2), 4, rng, made)
    return tuple(made)


def _mediastinum(
    x: float, y: float, sy: float, more: Range, rng: np.random.Generator
) -> tuple[PaintLayer, ...]:
    """Fat around the heart and the great vessels, forward to the sternum and down to the diaphragm."""
    eye, grow = np.eye(3), draw(rng, more)
    return (
        PaintLayer(Cylinder(x + 2, y - 0.78 * sy, rng.uniform(12, 22), 42), FAT),
        PaintLayer(Ellipsoid(np.array([x + 14, y - 26, 55.0]), np.array([46.0, 48, 62]) + grow, eye), FAT),
        PaintLayer(Ellipsoid(np.array([x + 12, y - 32, -18.0]), np.array([62.0, 46, 44]) + grow, eye), FAT),
        PaintLayer(Ellipsoid(np.array([x + 44, y - 44, -42.0]), np.array([40.0, 40, 26]) + grow, eye), FAT),
    )


def _abdomen(x: float, y: float, height: Range, rng: np.random.Generator) -> tuple[PaintLayer, ...]:
    top = draw(rng, height)
    eye = np.eye(3)
    return (
        PaintLayer(Ellipsoid(np.array([x - 58, y - 4, top - 78]), np.array([88.0, 88, 78]), eye), LIVER),
        PaintLayer(Ellipsoid(np.array([x + 64, y + 2, top - 92]), np.array([80.0, 86, 84]), eye), FAT + 15),
        PaintLayer(Ellipsoid(np.array([x + 66, y + 18, top - 96]), np.array([50.0, 54, 80]), eye), SOFT),
        PaintLayer(Ellipsoid(np.array([x + 10, y - 40, top - 66]), np.array([62.0, 40, 62]), eye), LIVER),
    )


def sample_chest(rng: np.random.Generator, body: Body = PLAIN.body) -> Chest:
    """A random chest, centred behind and to the right of the heart."""
    x, y = draw(rng, body.chest_x), draw(rng, body.chest_y)
    sx, sy = draw(rng, body.chest_half_width), draw(rng, body.chest_half_depth)
    fat, muscle = draw(rng, body.skin_fat), draw(rng, body.chest_muscle)
    spine_y = y + sy - 30
    trunk = (
        PaintLayer(Cylinder(x, y + 2, sx + muscle + fat, sy + muscle + fat), FAT),
        PaintLayer(Cylinder(x, y + 2, sx + muscle, sy + muscle), MUSCLE),
        PaintLayer(Cylinder(x, y, sx, sy), draw(rng, body.lung_hu)),
        *_bones(x, y, sx, sy, rng),
        *_lung_vessels(x, y, rng),
        PaintLayer(Cylinder(x + 1, y + 50, 30, 50), FAT + 10),
        *_mediastinum(x, y, sy, body.fat_grow, rng),
        *_abdomen(x, y, body.diaphragm, rng),
        *_spine(x, spine_y, rng),
        *_sternum(x, y - sy - 3),
    )
    aorta_x, aorta_y = x + rng.uniform(18, 24), spine_y - rng.uniform(16, 21)
    gullet = np.array([[x + 4, aorta_y - 4, -200], [x + 1, aorta_y - 6, 0], [x + 2, aorta_y, 200]], float)
    middle = (PaintLayer(tube(gullet, 7.5), OESOPHAGUS),)
    course = np.array(
        [[aorta_x - 6, aorta_y + 4, -200], [aorta_x, aorta_y, 0], [aorta_x + 3, aorta_y + 2, 200]], float
    )
    aorta = tube(course, draw(rng, body.descending))
    return Chest(trunk, middle, aorta, draw(rng, body.pericardial_fat), Cylinder(x, y, sx, sy))
