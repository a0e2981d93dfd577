"""Motion of the branches of a tree: they follow their groove and never enter a contracted wall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.phantoms.ccta.chambers import ROOT_EXCURSION_MM
from scanserve.phantoms.ccta.coronaries import STEP, Artery, ArteryBranch
from scanserve.phantoms.ccta.motion import Curve
from scanserve.phantoms.ccta.pose import Pose
from scanserve.phantoms.ccta.shapes import Shape
from scanserve.phantoms.ccta.surface import distance_to, outward

__all__ = ["Drive", "Stage", "animate"]


@dataclass(frozen=True)
class Drive:
    """The motion of one vessel: its curve, and its amplitude (mm at end systole)."""

    curve: Curve
    amplitude: float
    loop_phase: float


def _directions(pose: Pose, points: npt.NDArray, toward_apex: float) -> npt.NDArray:
    """Unit directions (N, 3) of systolic motion, with most of the component along the path removed."""
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
class Stage:
    """The surroundings of moving trees: pose, curve of the root, walls at end diastole and at end systole."""

    pose: Pose
    root: Curve
    diastole: Sequence[Shape]
    systole: Sequence[Shape]


def animate(stage: Stage, name: str, tree: tuple[ArteryBranch, ...], drive: Drive, free: float) -> Artery:
    """Give every branch its displacements; the first ``free`` mm from the ostium move with the root."""
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
        moves = drive.amplitude * mix * fade * _directions(stage.pose, branch.points, toward_apex)
        if not branch.main:
            moves = _joined(moves, own[branch.parent][branch.joint])
        base.append((1 - mix) * shared)
        hold = _smoothstep((s - start) / 15.0) if not branch.main else _smoothstep((s - free) / 10.0)
        own.append(_outside_walls(stage, branch.points, moves, base[-1], hold[:, None]))
        loop.append(mix * sway_axis)
    return Artery(name, tree, tuple(own), tuple(base), tuple(loop), drive.curve, stage.root, drive.loop_phase)


def _outside_walls(
    stage: Stage, points: npt.NDArray, moves: npt.NDArray, base: npt.NDArray, hold: npt.NDArray
) -> npt.NDArray:
    """Correct displacements (N, 3) so that the path lies outside the contracted walls at end systole.

    ``hold`` (N, 1) is 0 where a displacement must not change (the ostium, the start of a side branch).
    """
    depth = np.minimum(distance_to(stage.diastole, points), 3.0)
    for _ in range(4):
        shift = outward(points + base + moves, stage.systole, depth)
        moves = moves + hold * _heavy_smooth(shift, half=10)
    return moves


def _joined(moves: npt.NDArray, at_joint: npt.NDArray) -> npt.NDArray:
    """Start a side branch with the motion of its trunk, and blend to its own motion within 15 mm."""
    w = _smoothstep(np.arange(len(moves)) * STEP / 15.0)[:, None]
    return (1 - w) * at_joint + w * moves
