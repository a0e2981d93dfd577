"""The quality of every vessel in every phase, all scored over the same length.

Comparability.  A vessel can be followed further in one phase than in another.  Every phase is scored on the same
part: from the ostium to the *common length*, the shortest length among the phases that reach at least :data:`REACH`
of the median length.  A phase that falls short of that is scored over its available length, and the result says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.client.ccta.phases import SEEN, FoundPhase
from scanserve.client.ccta.recombine import BEYOND_HU
from scanserve.client.runs.progress import Progress
from scanserve.client.runs.resilience import Infer
from scanserve.client.runs.timing import Stopwatch
from scanserve.contracts.ccta import QUALITY, QUALITY_CLASSES, STEP_MM, QualityClass

__all__ = ["REACH", "PhaseScorer", "QualityScores", "ScoredVessel", "common_lengths"]

#: A phase takes part in the common length when it reaches this part of the median length.
REACH = 0.6


@dataclass(frozen=True)
class QualityScores:
    """The quality network's outputs for one straightened vessel.

    ``image`` is that vessel, int16 HU [step, row, column], as far as it was scored: ``length_mm``.
    """

    image: npt.NDArray[np.int16]
    length_mm: float
    class_probabilities: npt.NDArray[np.float32]
    quality: float
    ranking: float
    section_quality: npt.NDArray[np.float32]
    section_class: npt.NDArray[np.int32]

    @property
    def quality_class(self) -> QualityClass:
        """The most probable class; the worst one of several equally probable."""
        return QUALITY_CLASSES[int(np.argmax(np.clip(self.class_probabilities, 0.0, 1.0)))]


@dataclass(frozen=True)
class ScoredVessel:
    """One vessel in the phases in which it was found, by the phases' labels, and their common length."""

    common_mm: float
    phases: Mapping[str, QualityScores]


def common_lengths(phases: Sequence[FoundPhase]) -> dict[str, float]:
    """The common length in mm of each vessel that was found (see the module's text)."""
    lengths: dict[str, list[float]] = {}
    for found in phases:
        for name, vessel in found.vessels.items():
            if vessel.image is not None:
                lengths.setdefault(name, []).append(vessel.length_mm)
    return {
        name: min(length for length in own if length >= REACH * float(np.median(own)))
        for name, own in lengths.items()
    }


@dataclass(frozen=True)
class _Job:
    """One vessel in one phase that is to be scored over its first ``length_mm``."""

    vessel: str
    phase: str
    image: npt.NDArray[np.int16]
    length_mm: float

    def clipped(self) -> npt.NDArray[np.int16]:
        """The image as far as it is scored; the rest as the quality model wants it."""
        image = self.image.copy()
        image[int(self.length_mm / STEP_MM) + 1 :] = BEYOND_HU
        return image


@dataclass(frozen=True)
class PhaseScorer:
    """Scores the vessels of all phases once every phase has been seen."""

    infer: Infer
    stopwatch: Stopwatch
    progress: Progress

    def score(self, phases: Sequence[FoundPhase]) -> dict[str, ScoredVessel]:
        """Score every vessel found on its common length, in the largest batches the model takes.

        Raises:
            ServerError: the server is absent, or died twice.
        """
        common = common_lengths(phases)
        scores: dict[str, dict[str, QualityScores]] = {name: {} for name in common}
        jobs = _jobs(phases, common)
        for start in range(0, len(jobs), QUALITY.max_batch_size):
            self.progress("", "quality", SEEN + (1 - SEEN) * start / len(jobs))
            batch = jobs[start : start + QUALITY.max_batch_size]
            for job, score in zip(batch, self._score(batch), strict=True):
                scores[job.vessel][job.phase] = score
        self.progress("", "done", 1.0)
        return {name: ScoredVessel(common[name], own) for name, own in scores.items()}

    def _score(self, batch: Sequence[_Job]) -> list[QualityScores]:
        images = np.stack([job.clipped() for job in batch])
        lengths = np.array([[job.length_mm] for job in batch], dtype=np.float32)
        with self.stopwatch.span("quality"):
            outputs = self.infer(QUALITY, {"straightened": images, "length": lengths})
        return [_scores(outputs, row, images[row], job.length_mm) for row, job in enumerate(batch)]


def _jobs(phases: Sequence[FoundPhase], common: Mapping[str, float]) -> list[_Job]:
    return [
        _Job(name, found.label, vessel.image, min(vessel.length_mm, common[name]))
        for found in phases
        for name, vessel in found.vessels.items()
        if vessel.image is not None
    ]


def _scores(
    outputs: Mapping[str, npt.NDArray], row: int, image: npt.NDArray[np.int16], length_mm: float
) -> QualityScores:
    return QualityScores(
        image=image,
        length_mm=length_mm,
        class_probabilities=outputs["class_probabilities"][row],
        quality=float(outputs["quality"][row, 0]),
        ranking=float(outputs["ranking"][row, 0]),
        section_quality=outputs["section_quality"][row],
        section_class=outputs["section_class"][row],
    )
