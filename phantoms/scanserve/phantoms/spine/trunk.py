"""Soft tissue of the trunk: outline, lungs, heart, diaphragm, breasts, bowel gas.

The profiles are by height y in lengths of the spine below the top of T1.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

from scanserve.phantoms.spine.canvas import Canvas, soft
from scanserve.phantoms.spine.patient import Patient

__all__ = ["draw_trunk", "draw_viscera", "middle_of", "texture"]

Float = npt.NDArray[np.float32]

#: Half width of the body relative to the chest, and its depth relative to the abdomen, by height.
_HEIGHTS = np.array([-0.5, -0.25, -0.12, -0.04, 0.05, 0.12, 0.3, 0.5, 0.75, 1.0, 1.2, 1.5])
_HALF_WIDTHS = np.array([0.42, 0.36, 0.38, 0.9, 1.6, 1.45, 1.2, 1.12, 1.05, 1.2, 1.35, 1.3])
_DEPTHS = np.array([0.7, 0.55, 0.6, 0.75, 0.9, 0.95, 1.0, 1.0, 1.0, 1.05, 1.05, 0.9])
#: Half width of the rib cage relative to its widest, by height.
_CAGE_HEIGHTS = np.array([-0.05, 0.0, 0.06, 0.12, 0.2, 0.3, 0.42, 0.55, 0.7])
_CAGE_HALVES = np.array([0.25, 0.45, 0.66, 0.8, 0.9, 0.97, 1.0, 0.98, 0.9])


def middle_of(patient: Patient, heights: float | npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """x of the middle of the trunk at each height: the spine's own middle, only a part of its curve."""
    centres = patient.shape.marked.mean(axis=1)
    straight = np.interp(heights, [0.0, 1.0], [centres[0, 0], centres[-1, 0]])
    return 0.75 * straight + 0.25 * np.interp(heights, centres[:, 1], centres[:, 0])


def cage_half(patient: Patient, heights: float | npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Half width of the rib cage at each height."""
    return patient.chest * np.interp(heights, _CAGE_HEIGHTS, _CAGE_HALVES)


def draw_trunk(canvas: Canvas, patient: Patient, rng: np.random.Generator) -> None:
    """The body without air: thickest in the middle, nothing outside its outline."""
    y = canvas.y
    half = patient.chest * np.interp(y, _HEIGHTS, _HALF_WIDTHS) * rng.uniform(0.9, 1.15)
    depth = np.interp(y, _HEIGHTS, _DEPTHS)
    across = (canvas.x[None, :] - middle_of(patient, y)[:, None]) / half[:, None]
    thick = np.sqrt(np.clip(1 - across.astype(np.float32) ** 2, 0, 1))
    canvas.values += depth[:, None].astype(np.float32) * thick * np.float32(rng.uniform(0.8, 1.1))
    for side in (-1, 1):  # arms beside the trunk
        if rng.random() < 0.3:
            x = middle_of(patient, 0.3) + side * patient.chest * rng.uniform(1.35, 1.6)
            canvas.stroke(np.array([[x * 0.95, 0.0], [x, 0.4], [x * 1.05, 0.9]]), 0.13, rng.uniform(0.2, 0.5))


def draw_viscera(canvas: Canvas, patient: Patient, rng: np.random.Generator) -> None:
    """Lungs above the diaphragm, the heart between them, breasts, and gas below."""
    _draw_lungs(canvas, patient, rng)
    _draw_airway(canvas, patient, rng)
    _draw_breasts(canvas, patient, rng)
    _draw_gas(canvas, patient, rng)


def _draw_lungs(canvas: Canvas, patient: Patient, rng: np.random.Generator) -> None:
    """Air within the cage and above the diaphragm, except where the heart and the tissue along the spine lie."""
    x, y = canvas.x[None, :], canvas.y[:, None]
    middle = middle_of(patient, canvas.y)[:, None].astype(np.float32)
    half = cage_half(patient, canvas.y)[:, None].astype(np.float32) * np.float32(0.96)
    filled = _filled(canvas, patient, rng)
    vessels = 1 + np.float32(rng.uniform(0.02, 0.09)) * texture(canvas, rng, 0.009)
    for side, dome in zip((-patient.left, patient.left), patient.diaphragm, strict=True):
        out = np.float32(side) * (x - middle)
        share = out / half
        floor = dome + np.float32(0.12) * (np.clip(share - 0.45, -1, 1)) ** 2
        floor = floor + np.float32(0.14) * np.clip(share - 0.75, 0, 1)
        air = soft((out - 0.012) / 0.012) * soft((1 - share) / 0.08)
        air = air * soft((y - 0.015) / 0.02) * soft((floor - y) / 0.012)
        depth = np.sqrt(np.clip(share * (np.float32(1.9) - share), 0.25, 1))
        canvas.values -= np.float32(patient.lung) * air * depth * (1 - filled) * vessels


def _filled(canvas: Canvas, patient: Patient, rng: np.random.Generator) -> Float:
    """Share 0..1 of the chest's depth that heart, vessels and the tissue along the spine fill."""
    found = Canvas(canvas.view)
    size, y = patient.heart, float(np.mean(patient.diaphragm)) - 0.09
    x = float(middle_of(patient, y)) + patient.left * 0.065 * size
    dense = float(rng.uniform(0.45, 0.9))
    found.ellipse((x, y), (0.115 * size, 0.115 * size), dense, edge=0.2)
    found.ellipse((x - patient.left * 0.03, y - 0.14), (0.055, 0.16), 0.6 * dense, edge=0.5)
    found.ellipse((x - patient.left * 0.02 * size, y - 0.24), (0.035, 0.03), 0.5 * dense, edge=0.4)
    centres = patient.shape.marked.mean(axis=1)
    for width in (0.075, 0.1, 0.13):
        found.stroke(centres, width * float(rng.uniform(0.8, 1.2)), 0.25)
    return np.clip(found.values, 0, np.float32(0.95))


def texture(canvas: Canvas, rng: np.random.Generator, size: float) -> Float:
    """Smooth noise of standard deviation 1, with details of ``size``; coarse, then enlarged."""
    step = max(1, int(size * canvas.view.scale / 2))
    shape = canvas.view.rows // step + 2, canvas.view.columns // step + 2
    coarse = gaussian_filter(rng.standard_normal(shape).astype(np.float32), 1.0)
    coarse /= coarse.std() + np.float32(1e-6)
    return np.repeat(np.repeat(coarse, step, 0), step, 1)[: canvas.view.rows, : canvas.view.columns]


def _draw_airway(canvas: Canvas, patient: Patient, rng: np.random.Generator) -> None:
    """The trachea, a dark band over the neck and the uppermost vertebrae."""
    end = float(rng.uniform(0.16, 0.22))
    heights = np.linspace(-0.35, end, 8)
    line = np.column_stack([middle_of(patient, heights) + rng.normal(0, 0.006), heights])
    canvas.stroke(line, 0.035, -rng.uniform(0.02, 0.14))


def _draw_breasts(canvas: Canvas, patient: Patient, rng: np.random.Generator) -> None:
    if not patient.breast:
        return
    y = float(rng.uniform(0.38, 0.56))
    radii = (patient.chest * float(rng.uniform(0.5, 0.65)), float(rng.uniform(0.1, 0.17)))
    for side in (-1, 1):
        x = float(middle_of(patient, y)) + side * patient.chest * float(rng.uniform(0.62, 0.8))
        canvas.ellipse(
            (x, y + float(rng.normal(0, 0.01))), radii, patient.breast, edge=float(rng.uniform(0.06, 0.3))
        )


def _draw_gas(canvas: Canvas, patient: Patient, rng: np.random.Generator) -> None:
    """Bubbles of stomach and colon, in clusters at the sides of the abdomen and anywhere."""
    if patient.gas and rng.random() < 0.6:
        x = float(middle_of(patient, 0.6)) + patient.left * patient.chest * float(rng.uniform(0.2, 0.6))
        canvas.ellipse((x, patient.diaphragm[1] + 0.07), (0.06, 0.045), -0.2, edge=0.3)
    place = np.zeros(2)
    for number in range(patient.gas):
        if number % 6 == 0:
            place = np.array([rng.uniform(-0.9, 0.9) * patient.chest, rng.uniform(0.68, 1.1)])
        place = place + rng.normal(0, 0.03, 2)
        centre = (float(middle_of(patient, place[1])) + float(place[0]), float(place[1]))
        radii = (float(rng.uniform(0.012, 0.045)), float(rng.uniform(0.01, 0.035)))
        canvas.ellipse(centre, radii, -float(rng.uniform(0.04, 0.2)), edge=0.35)
        canvas.ellipse(centre, (radii[0] * 1.15, radii[1] * 1.15), 0.02, edge=0.2)
