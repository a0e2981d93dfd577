"""A film of a patient: grey values, and the exact places of the 68 corners."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from scanserve.phantoms.spine.cage import draw_cage, draw_pelvis
from scanserve.phantoms.spine.canvas import Canvas, View
from scanserve.phantoms.spine.exposure import Exposure, expose
from scanserve.phantoms.spine.marks import draw_marks
from scanserve.phantoms.spine.metal import draw_brace, draw_implants, draw_trinkets
from scanserve.phantoms.spine.patient import Patient
from scanserve.phantoms.spine.population import POPULATIONS, Population
from scanserve.phantoms.spine.trunk import draw_trunk, draw_viscera, texture
from scanserve.phantoms.spine.vertebra import Vertebra, draw_vertebra

__all__ = ["Film", "make_film", "training_film"]

Float = npt.NDArray[np.float32]

#: Rows and columns of a training film, and the rows from the top of T1 to the bottom of L5 in it.
TRAINING_SHAPE, TRAINING_SPINE = (704, 384), 540


@dataclass(frozen=True, eq=False)
class Film:
    """A film.

    Attributes:
        grey: ``[row, column]``, 0..1, bone bright unless the film is inverted.
        points: (68, 2) corners of T1 to L5 in pixels ``(x, y)``.
        outside: (68,) whether a corner lies outside the film.
        patient: who is seen.
    """

    grey: Float
    points: npt.NDArray[np.float64]
    outside: npt.NDArray[np.bool_]
    patient: Patient


def make_film(seed: int, population: str = "test", rows: int = 2400) -> Film:
    """The film of ``seed``, cropped as hospitals and data sets do: from tight around the spine to the whole trunk."""
    rng = np.random.default_rng([int(seed), 0x5F1])
    kind = POPULATIONS[population]
    patient = Patient.sample(rng, kind)
    points = patient.shape.marked.reshape(-1, 2)
    share, aspect = _crop(rng)
    spine = float(np.ptp(points[:, 1]))
    scale, columns = rows * share / spine, round(rows / aspect)
    above = rng.uniform(0.15, 0.6) * (1 - share) * rows
    if rng.random() < kind.truncated_share:
        above = (
            -rng.uniform(0.02, 0.12) * rows if rng.random() < 0.5 else above + rng.uniform(0.1, 0.2) * rows
        )
    x = columns / 2 + rng.normal(0, 0.04) * columns - scale * points[:, 0].mean()
    view = View(rows, columns, scale, float(x), float(above - scale * points[:, 1].min()))
    return _film(patient, kind, view, rng)


def training_film(seed: int, population: str = "training") -> Film:
    """A film with ample margins for training, in which the spine is always of one length."""
    rng = np.random.default_rng([int(seed), 0x7A1])
    kind = POPULATIONS[population]
    patient = Patient.sample(rng, kind)
    points = patient.shape.marked.reshape(-1, 2)
    rows, columns = TRAINING_SHAPE
    scale = TRAINING_SPINE / float(np.ptp(points[:, 1]))
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    view = View(rows, columns, scale, columns / 2 - scale * middle[0], 0.49 * rows - scale * middle[1])
    return _film(patient, kind, view, rng)


def _crop(rng: np.random.Generator) -> tuple[float, float]:
    """Share of the rows that the spine fills, and rows per column."""
    if rng.random() < 0.6:
        return float(rng.uniform(0.82, 0.94)), float(rng.uniform(2.0, 3.2))
    return float(rng.uniform(0.5, 0.8)), float(rng.uniform(1.2, 2.6))


def _film(patient: Patient, kind: Population, view: View, rng: np.random.Generator) -> Film:
    canvas = Canvas(view)
    draw_trunk(canvas, patient, rng)
    draw_viscera(canvas, patient, rng)
    draw_cage(canvas, patient, rng)
    draw_pelvis(canvas, patient, rng)
    _draw_spine(canvas, patient, rng)
    _draw_foreign(canvas, patient, kind, rng)
    grey = expose(canvas.values, Exposure.sample(rng, kind), view.scale, rng)
    points = view.pixels(patient.shape.marked.reshape(-1, 2))
    size = np.array([view.columns, view.rows])
    outside = ((points < -0.5) | (points > size - 0.5)).any(axis=1)
    return Film(draw_marks(grey, rng), points, outside, patient)


def _draw_spine(canvas: Canvas, patient: Patient, rng: np.random.Generator) -> None:
    """The vertebrae, and what fills the gaps between them: discs, and the arches that overlap them."""
    shape, bone = patient.shape, patient.bone * float(rng.uniform(0.7, 1.1))
    clear, edge = float(rng.uniform(0.1, 1.1)), float(rng.uniform(0.25, 1.15))
    for corners in shape.neck:
        draw_vertebra(canvas, Vertebra(corners, 0.2, 0.0, 0.3, 0.55 * bone, 0.9 * clear, edge))
    for level, corners in enumerate(shape.corners):
        lumbar = float(np.clip((level - 9.5) / 2.5, 0, 1))
        fade = 1 - 0.4 * (patient.lumbar == 4 and level == 16)
        own, sharp = bone * fade * float(rng.uniform(0.85, 1.15)), edge * float(rng.uniform(0.7, 1.3))
        turn, flat = float(shape.rotation[level]), float(shape.flat[level])
        draw_vertebra(
            canvas, Vertebra(corners, lumbar, turn, flat, own, clear * rng.uniform(0.7, 1.3), sharp)
        )
    _fill_gaps(canvas, patient, bone, rng)


def _fill_gaps(canvas: Canvas, patient: Patient, bone: float, rng: np.random.Generator) -> None:
    """Discs that are nearly as dense as the bodies, in the chest more than below it; and a mottled column."""
    corners, dense = patient.shape.corners, float(rng.uniform(0.1, 1.0))
    for level, (upper, lower) in enumerate(pairwise(corners)):
        share = dense * float(rng.uniform(0.7, 1.1)) * (1.0 if level < 10 else 0.65)
        outline = np.stack([upper[2], upper[3], lower[1], lower[0]])
        middle = outline.mean(axis=0)
        canvas.polygon(middle + 0.97 * (outline - middle), 0.13 * bone * share, 0.002)
    before = canvas.values.copy()
    canvas.stroke(corners.mean(axis=1), 0.085, 1.0)
    column = canvas.values - before
    mottled = 1 + float(rng.uniform(0, 0.06)) * texture(canvas, rng, 0.006)
    mottled *= 1 + float(rng.uniform(0, 0.08)) * texture(canvas, rng, 0.02)
    canvas.values = before + patient.bone * 0.5 * column * (mottled.astype(np.float32) - 1)


def _draw_foreign(canvas: Canvas, patient: Patient, kind: Population, rng: np.random.Generator) -> None:
    if rng.random() < kind.metal_share:
        draw_implants(canvas, patient, rng)
    if rng.random() < kind.metal_share:
        draw_trinkets(canvas, rng)
    if rng.random() < 0.5 * kind.metal_share:
        draw_brace(canvas, rng)
