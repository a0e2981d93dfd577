"""What measures the stage 1 of an ablation: hearts of two populations and real CTs, each a column.

Stage 1 is measured alone, and with the served stage 2 behind it, which learned from the maps of another stage 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from scanserve.contracts import ModelSpec
from scanserve.contracts.ccta import STAGE1, VESSELS
from scanserve.evaluation.tree import Coverage
from scanserve.geometry.sampling import trilinear
from scanserve.perf.ablation import Columns, Measured
from scanserve.perf.ccta import networks
from scanserve.perf.ccta.hearts import POPULATION, Hearts
from scanserve.perf.ccta.networks import subject_of
from scanserve.perf.ccta.outcomes import NEAR_MM, Graphs, Outcome, Prepared, Tensors, measure, prepare
from scanserve.perf.ccta.separation import AROUND_MM, around, separation

__all__ = ["FIRST_SEED", "STUDIES", "HeartJudge", "judge_in"]

#: Hearts of each column, and the seed of the first: those on which choices are made, never the test seeds.
STUDIES, FIRST_SEED = 4, 209_000
#: Populations of phantoms that are columns.
POPULATIONS = ("plain", POPULATION)
#: What stage 2 makes of true maps does not depend on the stage 1 that is measured, and is left out.
UNMEASURED = (Coverage(0, 0, 0, 0),) * len(VESSELS)


class Answers(Protocol):
    """A trained stage 1."""

    def answer(self, coarse: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The maps (0..1) [1, V, z, y, x] of the input [1, 2, z, y, x]."""


@dataclass(frozen=True)
class Seen:
    """What was found of a vessel, and how well its map separates it from what lies around."""

    outcome: Outcome
    separation: float


@dataclass(frozen=True)
class Figure:
    """A figure: the two ``summands`` of a vessel, whose sums over vessels and hearts give a mean or a share."""

    name: str
    label: str
    summands: Callable[[Seen], tuple[float, float]]
    digits: int = 2

    @classmethod
    def of(cls, figure: networks.Figure) -> Figure:
        """A figure of the networks alone."""
        return cls(figure.name, figure.label, lambda seen: figure.summands(seen.outcome), figure.digits)


FIGURES = (
    Figure("separation", "stage 1: separation", lambda seen: (seen.separation, 1), 3),
    *(Figure.of(figure) for figure in networks.FIGURES if not figure.name.startswith("given")),
)
MEANING = (
    f"Separation is the chance that the map is brighter on a true line than {AROUND_MM[0]:g} to {AROUND_MM[1]:g} mm "
    "beside the vessel (area under the ROC curve). The chain has the served stage 2 behind the trained stage 1; a line "
    f"is found within {NEAR_MM:g} mm."
)


@dataclass(frozen=True, eq=False)
class Volume:
    """A prepared volume, and the voxels of the coarse grid around each vessel."""

    prepared: Prepared
    around: Sequence[npt.NDArray[np.bool_]]


class HeartJudge:
    """Measures a stage 1 on ``studies`` hearts of every column.

    Attributes:
        tables, described, notes: see :class:`~scanserve.perf.ablation.Judge`.
    """

    def __init__(self, columns: Mapping[str, Hearts], studies: int, notes: Sequence[str] = ()) -> None:
        self.columns, self.studies, self.notes = columns, studies, (MEANING, *notes)
        self.tables = [
            Columns(
                {f"{column}: {f.name}": column for column in columns},
                f"{f.label[0].upper()}{f.label[1:]}.",
                f.digits,
            )
            for f in FIGURES
        ]
        self.described = (
            f"{studies} hearts of each population ({', '.join(POPULATIONS)}) and {studies} patients in each CT, with "
            f"seeds from {FIRST_SEED}"
        )

    def measure(self, trained: Answers) -> Measured:
        """The figures of a stage 1, named ``<column>: <figure>``; and those of every volume."""
        figures: dict[str, float | None] = {}
        each: dict[str, list[float | None]] = {}
        for column, volumes in self._volumes.items():
            seen = [self._seen(volume, trained) for volume in volumes]
            for figure in FIGURES:
                name = f"{column}: {figure.name}"
                figures[name] = _ratio(figure, [vessel for vessels in seen for vessel in vessels])
                each[name] = [_ratio(figure, vessels) for vessels in seen]
        return Measured(figures, each)

    def _seen(self, volume: Volume, trained: Answers) -> list[Seen]:
        """What is found of every vessel of a volume."""
        prepared = volume.prepared
        maps = trained.answer(prepared.coarse)
        outcomes = measure(prepared, partial(self._run, maps), UNMEASURED)
        return [
            Seen(outcome, _separation(maps[0, number], prepared, number, volume.around[number]))
            for number, outcome in enumerate(outcomes)
        ]

    def _run(self, maps: npt.NDArray, spec: ModelSpec, inputs: Tensors) -> Tensors:
        """The served graphs, with ``maps`` in place of those of stage 1."""
        return {"coarse_maps": maps} if spec is STAGE1 else self._graphs(spec, inputs)

    @cached_property
    def _graphs(self) -> Graphs:
        from scanserve.server import find_model_repository

        return Graphs(find_model_repository())

    @cached_property
    def _volumes(self) -> dict[str, list[Volume]]:
        """All volumes by column: every network sees the same."""
        seeds = range(FIRST_SEED, FIRST_SEED + self.studies)
        return {
            column: [_volume(hearts, seed, self._graphs) for seed in seeds]
            for column, hearts in self.columns.items()
        }


def judge_in(studies: int | None, into: Sequence[Path], unenhanced: Sequence[Path]) -> HeartJudge:
    """The judge on both populations and in CTs; see :class:`~scanserve.perf.ablation.FindJudge`.

    Raises:
        StudyError, InputError: for a CT that cannot be read, see :meth:`~scanserve.perf.ccta.hearts.Hearts.host`.
    """
    columns = {name: Hearts(name) for name in POPULATIONS}
    for folders, plain in ((unenhanced, True), (into, False)):
        columns |= {path.resolve().name: Hearts(POPULATION, (path,), plain) for path in folders}
    for hearts in columns.values():
        hearts.host(FIRST_SEED)
    notes = [] if into or unenhanced else ["No CTs were given to measure in, so there are no real hearts."]
    return HeartJudge(columns, studies or STUDIES, notes)


def _volume(hearts: Hearts, seed: int, graphs: Graphs) -> Volume:
    prepared = prepare(subject_of(hearts, seed), graphs)
    lines = [np.concatenate(branches) for branches in prepared.subject.branches]
    return Volume(prepared, [around(points, prepared.grid) for points in lines])


def _separation(
    heatmap: npt.NDArray, prepared: Prepared, number: int, beside: npt.NDArray[np.bool_]
) -> float:
    points = np.concatenate(prepared.subject.branches[number])
    return separation(trilinear(heatmap, prepared.grid.to_index(points), 0.0, np.float64), heatmap[beside])


def _ratio(figure: Figure, vessels: Sequence[Seen]) -> float | None:
    above, below = np.sum([figure.summands(vessel) for vessel in vessels], axis=0)
    return float(above / below) if below else None
