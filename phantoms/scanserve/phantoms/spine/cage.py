"""Bones beside the spine: ribs, clavicles, shoulder blades, pelvis and sacrum."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scanserve.phantoms.spine.canvas import Canvas
from scanserve.phantoms.spine.patient import Patient
from scanserve.phantoms.spine.trunk import cage_half, middle_of

__all__ = ["draw_cage", "draw_pelvis"]

Points = npt.NDArray[np.floating]

#: How far each rib falls from its vertebra to the side of the chest, and how far its head rises.
_FALLS = np.array([0.035, 0.055, 0.075, 0.09, 0.1, 0.11, 0.12, 0.13, 0.135, 0.13, 0.11, 0.075, 0.03])
_RISE = 0.012
#: How far along its half circle each rib reaches: floating ribs end early.
_REACHES = np.array([1, 1, 1, 1, 1, 1, 1, 1, 1, 0.97, 0.75, 0.45, 0.25])
_WIDTH = 0.021


def draw_cage(canvas: Canvas, patient: Patient, rng: np.random.Generator) -> None:
    """Ribs, clavicles and shoulder blades."""
    clear = patient.bone * float(rng.uniform(0.05, 0.13))
    falls = _FALLS * float(rng.uniform(0.75, 1.3))
    for level in range(patient.ribs):
        for side in (-1, 1):
            back = _back_of_rib(patient, level, side, falls[level], rng)
            canvas.stroke(back, _WIDTH * rng.uniform(0.85, 1.15), clear, clear)
            if level < 10:
                front = _front_of_rib(patient, back[-1], side, level, rng)
                canvas.stroke(front, 1.2 * _WIDTH, 0.35 * clear, 0.35 * clear)
    _draw_shoulders(canvas, patient, rng, clear)


def _back_of_rib(patient: Patient, level: int, side: int, fall: float, rng: np.random.Generator) -> Points:
    """From the vertebra outward and down to the side of the chest."""
    corners = patient.shape.corners[level]
    start = 0.8 * corners[0 if side < 0 else 1] + 0.2 * corners[2 if side < 0 else 3]
    middle = corners.mean(axis=0)
    start = middle + (start - middle) * 0.95
    tilt = corners[1] - corners[0]
    slope = side * tilt[1] / tilt[0]
    end_y = start[1] + fall + 0.08 * slope + rng.normal(0, 0.004)
    end_x = float(middle_of(patient, end_y)) + side * float(cage_half(patient, end_y))
    turn = np.linspace(0, _REACHES[level], 22) * np.pi / 2
    across, down = np.sin(turn) ** 0.9, 1 - np.cos(turn)
    rise = _RISE * np.sin(np.clip(turn * 3, 0, np.pi)) - 0.05 * slope * np.sin(2 * turn)
    return np.column_stack(
        [start[0] + (end_x - start[0]) * across, start[1] + (end_y - start[1]) * down - rise]
    )


def _front_of_rib(patient: Patient, wall: Points, side: int, level: int, rng: np.random.Generator) -> Points:
    """From the side of the chest inward and down."""
    inward = patient.chest * rng.uniform(0.45, 0.6)
    turn = np.linspace(0, 1, 12) * np.pi / 2
    drop = 0.06 + 0.006 * level + 0.02 * rng.random()
    return np.column_stack([wall[0] - side * inward * (1 - np.cos(turn)), wall[1] + drop * np.sin(turn)])


def _draw_shoulders(canvas: Canvas, patient: Patient, rng: np.random.Generator, clear: float) -> None:
    raise_ = float(rng.normal(0.0, 0.025))
    for side in (-1, 1):
        x = float(middle_of(patient, 0.02))
        y = 0.05 + raise_ + float(rng.normal(0, 0.01))
        t = np.linspace(0, 1, 12)
        reach = patient.chest * float(rng.uniform(0.85, 1.1))
        line = np.column_stack([x + side * (0.03 + reach * t), y - 0.05 * t + 0.014 * np.sin(2 * np.pi * t)])
        canvas.stroke(line, 0.026, 1.1 * clear, clear)
        blade = np.array([[0.62, 0.0], [1.05, 0.03], [0.95, 0.22], [0.8, 0.3], [0.66, 0.1]])
        blade = np.column_stack([x + side * blade[:, 0] * patient.chest, blade[:, 1] + y - 0.02])
        if rng.random() < 0.8:
            canvas.polygon(blade, 0.4 * clear)
            canvas.stroke(blade[1:4], 0.015, 0.5 * clear)


def draw_pelvis(canvas: Canvas, patient: Patient, rng: np.random.Generator) -> None:
    """Sacrum below the last vertebra, and the wings beside it."""
    last = patient.shape.corners[-1]
    top, width = last[2:].mean(axis=0), float(np.linalg.norm(last[3] - last[2]))
    clear = patient.bone * float(rng.uniform(0.1, 0.2))
    _draw_sacrum(canvas, top, width, clear, fused=patient.lumbar == 4)
    spread, height = float(rng.uniform(1.0, 1.35)), float(rng.uniform(-0.09, 0.0))
    for side in (-1, 1):
        wing = rng.normal(0, 0.012, (8, 2))
        base = np.array(
            [[0.08, 0.06], [0.11, -0.01], [0.19, -0.045], [0.27, -0.01], [0.305, 0.08], [0.27, 0.2]]
        )
        wing = wing + np.concatenate([base, [[0.2, 0.25], [0.12, 0.17]]])
        points = np.column_stack([top[0] + side * spread * wing[:, 0], top[1] + height + 0.06 + wing[:, 1]])
        points = _rounded(points)
        canvas.polygon(points, 0.7 * clear, 0.012)
        canvas.stroke(points[: len(points) * 5 // 8], 0.016, 0.3 * clear)
        joint = np.array([[0.075, 0.05], [0.085, 0.12], [0.07, 0.18]])
        canvas.stroke(np.column_stack([top[0] + side * joint[:, 0], top[1] + joint[:, 1]]), 0.01, 0.6 * clear)
        canvas.ellipse((top[0] + side * spread * 0.21, top[1] + 0.36), (0.06, 0.06), 0.8 * clear)


def _rounded(points: Points) -> Points:
    """A closed outline whose corners are cut three times (Chaikin)."""
    for _ in range(3):
        after = np.roll(points, -1, axis=0)
        points = np.stack([0.75 * points + 0.25 * after, 0.25 * points + 0.75 * after], axis=1).reshape(-1, 2)
    return points


def _draw_sacrum(canvas: Canvas, top: Points, width: float, clear: float, *, fused: bool) -> None:
    outline = np.array(
        [[-0.7, 0.16], [0.7, 0.16], [1.15, 0.3], [0.95, 0.9], [0.35, 1.7], [-0.35, 1.7], [-0.95, 0.9]]
    )
    outline = np.concatenate([outline, [[-1.15, 0.3]]])
    canvas.polygon(top + width * _rounded(outline) * np.array([0.8, 1.0]), 0.7 * clear, 0.012)
    canvas.stroke(top + width * np.array([[-0.5, 0.16], [0.5, 0.16]]), 0.012, 0.9 * clear)
    for row in range(3):
        for side in (-1, 1):
            centre = top + width * np.array([side * (0.36 - 0.05 * row), 0.5 + 0.32 * row])
            canvas.ellipse((centre[0], centre[1]), (0.07 * width, 0.06 * width), -0.5 * clear, edge=0.5)
    if fused:
        for side in (-1, 1):
            wing = np.array([[0.4, -0.6], [1.0, -0.35], [1.1, 0.2], [0.5, 0.1]]) * np.array([side, 1.0])
            canvas.polygon(top + width * wing, 0.7 * clear)
