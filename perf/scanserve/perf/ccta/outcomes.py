"""What the heat-map networks make of one volume with a known truth, stage by stage, without a server.

    normalize -> stage 1 -> crop -> stage 2 -> tree       the chain
    normalize, true map  -> crop -> stage 2 -> tree       stage 2 with the true prior

The graphs are those of a model repository, in ONNX Runtime.

Symbols: V vessels, N points of a line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scanserve.client.ccta.vessel import extract_vessel
from scanserve.contracts import ModelSpec, ResultError
from scanserve.contracts.ccta import (
    COARSE_BLANK,
    COARSE_BLOCK,
    COARSE_SHAPE,
    COARSE_SIGMA_MM,
    COARSE_SPACING_MM,
    CROP,
    NORMALIZE,
    STAGE1,
    STAGE2,
    VESSELS,
    WORKING_SPACING_MM,
)
from scanserve.evaluation.tree import Coverage, cover_trees
from scanserve.geometry import Grid, HeatMap
from scanserve.geometry.sampling import trilinear
from scanserve.preprocessing import Volume

__all__ = [
    "NEAR_MM",
    "Graphs",
    "Outcome",
    "Prepared",
    "Subject",
    "measure",
    "prepare",
    "with_true_prior",
]

#: How near (mm) a found line is to a true one.
NEAR_MM = 2.0

Tensors = dict[str, npt.NDArray]
Run = Callable[[ModelSpec, Tensors], Tensors]


@dataclass(frozen=True, eq=False)
class Subject:
    """A volume, and the branches of each vessel, (N, 3) LPS mm each, in the order of ``VESSELS``; and its heart."""

    heart: str
    volume: Volume
    branches: Sequence[Sequence[npt.NDArray]]


@dataclass
class Graphs:
    """The graphs of a model repository, loaded when first run, and once for all that share ``sessions``."""

    repository: Path
    sessions: dict[Path, Any] = field(default_factory=dict)

    def file(self, spec: ModelSpec) -> Path:
        """The ONNX file of a model."""
        return self.repository / spec.name / "1" / "model.onnx"

    def __call__(self, spec: ModelSpec, inputs: Tensors) -> Tensors:
        """The outputs of a model by name."""
        import onnxruntime

        file = self.file(spec).resolve()
        if file not in self.sessions:
            self.sessions[file] = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
        names = [tensor.name for tensor in spec.outputs]
        return dict(zip(names, self.sessions[file].run(names, inputs), strict=True))


@dataclass(frozen=True)
class Outcome:
    """What was found of one vessel.

    Attributes:
        vessel: its abbreviation.
        presence: of stage 1, 0 to 1.
        heat: mean of stage 1's map on the true lines, 0 to 1.
        frame_mm: distance between the frames (crops) of stage 1's map and of the true map.
        given: tree of stage 2 with the true coarse map as prior.
        chain: tree of stage 2 with the map of stage 1.
    """

    vessel: str
    presence: float
    heat: float
    frame_mm: float
    given: Coverage
    chain: Coverage


@dataclass(frozen=True, eq=False)
class Prepared:
    """A subject on the working grid: the outputs of ``ccta_normalize``, the true coarse maps and the coarse grid."""

    subject: Subject
    working: Tensors
    coarse: npt.NDArray[np.float32]
    truth: npt.NDArray[np.float32]
    grid: Grid


def prepare(subject: Subject, run: Run) -> Prepared:
    """Resample a subject as the server does, and draw its true coarse maps [1, V, z, y, x]."""
    from scanserve.phantoms.ccta.heatmap import heatmap_around

    grid = subject.volume.grid
    inputs: Tensors = {
        "volume": subject.volume.hu,
        "spacing": grid.spacing.astype(np.float32),
        "origin": grid.origin.astype(np.float32),
    }
    made = run(NORMALIZE, inputs)
    corner = made["working_origin"] + (COARSE_BLOCK - 1) / 2 * WORKING_SPACING_MM
    coarse = Grid(COARSE_SHAPE, corner, COARSE_SPACING_MM)
    maps = [
        heatmap_around(np.concatenate(branches), coarse, COARSE_SIGMA_MM) for branches in subject.branches
    ]
    working = {name: made[name] for name in ("working", "working_origin")}
    return Prepared(subject, working, made["coarse"], np.stack(maps)[None], coarse)


def with_true_prior(prepared: Prepared, run: Run) -> tuple[Coverage, ...]:
    """The trees of stage 2 with the true coarse maps as priors, beside the true ones."""
    return _trees(prepared.subject, run(CROP, {**prepared.working, "coarse_maps": prepared.truth}), run)


def measure(
    prepared: Prepared, run: Run, given: Sequence[Coverage], without: str | None = None
) -> tuple[Outcome, ...]:
    """The outcome of each vessel, with stage 1 blind to the channel ``without``; ``given`` is the one with true priors.

    Stage 2 with true priors does not depend on stage 1, so that several of these may share it.
    """
    coarse = prepared.coarse.copy()
    if without is not None:
        coarse[:, list(COARSE_BLANK).index(without)] = COARSE_BLANK[without]
    maps = run(STAGE1, {"coarse": coarse})["coarse_maps"]
    own, true = (run(CROP, {**prepared.working, "coarse_maps": given}) for given in (maps, prepared.truth))
    shift = np.linalg.norm(own["crop_origin"] - true["crop_origin"], axis=1)
    chain = _trees(prepared.subject, own, run)
    return tuple(
        Outcome(
            vessel.abbreviation,
            float(own["presence"][number]),
            _heat(maps[0, number], prepared, number),
            float(shift[number]),
            given[number],
            chain[number],
        )
        for number, vessel in enumerate(VESSELS)
    )


def _heat(heatmap: npt.NDArray, prepared: Prepared, number: int) -> float:
    points = np.concatenate(prepared.subject.branches[number])
    return float(np.mean(trilinear(heatmap, prepared.grid.to_index(points), 0.0, np.float64)))


def _trees(subject: Subject, crop: Tensors, run: Run) -> tuple[Coverage, ...]:
    """The trees of stage 2 beside the true ones; a vessel that is not found has no length."""
    heatmaps = run(STAGE2, {"crops": crop["crops"]})["heatmaps"]
    found = []
    for number, vessel in enumerate(VESSELS):
        heat = HeatMap.at(heatmaps[number], crop["crop_origin"][number], crop["crop_spacing"])
        points, parent = np.empty((0, 3)), np.empty(0, np.intp)
        try:
            tree = extract_vessel(heat, subject.volume, vessel, float(crop["presence"][number]))
            points, parent = tree.points, tree.parent
        except ResultError:
            pass
        found.append(cover_trees(points, parent, subject.branches[number], NEAR_MM))
    return tuple(found)
