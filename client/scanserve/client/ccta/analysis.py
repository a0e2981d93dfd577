"""The analysis of a study, phase by phase, as a pipeline of small stages.

    reading (thread) -> server: centerlines (thread) -> trees, straightening, projections (caller)
                                                     -> after the last phase: server: quality, once

While the server works on one phase, the next is read and the last is straightened.  At most :data:`ALIVE`
volumes exist at any time; what is kept of a phase (trees, three straightened vessels, three projections) is
about 3 MB, so memory is flat in the number of phases.

Comparability.  A vessel can be followed further in one phase than in another.  Every phase is scored on the
same part: from the ostium to the *common length*, the shortest length among the phases that reach at least
:data:`REACH` of the median length.  A phase that falls short of that is scored on what it has, and said so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

import numpy as np
import numpy.typing as npt

from scanserve.client.ccta.projections import project
from scanserve.client.ccta.vessel import extract_vessel
from scanserve.client.ccta.views import PlaneView
from scanserve.client.runs.pipeline import Slots, background
from scanserve.client.runs.resilience import InferenceClient, WaitReady, infer_surviving
from scanserve.client.runs.timing import Stopwatch
from scanserve.contracts import EligibilityError, ResultError
from scanserve.contracts.ccta import (
    CENTERLINE,
    CROSS_PIXEL_MM,
    CROSS_SIZE,
    QUALITY,
    STEP_MM,
    STEPS,
    VESSELS,
    Vessel,
)
from scanserve.geometry import HeatMap, VesselTree, straighten
from scanserve.preprocessing import Finding, Phase, Study, Volume, check_eligibility

__all__ = [
    "ALIVE",
    "REACH",
    "SCANNED",
    "Analysis",
    "AnalyzedPhase",
    "FoundVessel",
    "Progress",
    "QualityScores",
    "analyze",
    "check_phases",
    "common_lengths",
    "silent",
]

#: Volumes that exist at once: one being read, one at the server, one being straightened.
ALIVE = 3
#: A phase takes part in the common length when it reaches this part of the median length.
REACH = 0.6
#: What the quality contract fills beyond a vessel's end.
_BEYOND_HU = -1024


#: Where the bar of all phases stands when the headers are read, and when every phase has been seen.
SCANNED, SEEN = 0.1, 0.9


class Progress(Protocol):
    """Called from several threads: ``fraction`` (0 to 1) of the work on ``phase`` is done, ``stage`` is next.

    The label ``""`` stands for the work on all phases together.
    """

    def __call__(self, phase: str, stage: str, fraction: float) -> None:
        """Take note."""


@dataclass(frozen=True)
class FoundVessel:
    """One vessel in one phase.

    ``image`` is the straightened vessel, int16 HU (STEPS, CROSS_SIZE, CROSS_SIZE); ``tree`` and ``image`` are
    None when it was not found, and ``reason`` says why.
    """

    vessel: Vessel
    presence: float
    tree: VesselTree | None = None
    image: npt.NDArray[np.int16] | None = None
    length_mm: float = 0.0
    reason: Finding | None = None


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


@dataclass(frozen=True)
class AnalyzedPhase:
    """What is kept of one phase."""

    phase: Phase
    ineligible: tuple[Finding, ...]
    vessels: Mapping[str, FoundVessel]
    planes: tuple[PlaneView, ...]


@dataclass(frozen=True)
class Analysis:
    """All phases, and ``scores[vessel][phase]`` for the vessels that were found."""

    phases: tuple[AnalyzedPhase, ...]
    scores: Mapping[str, Mapping[str, QualityScores]]


def analyze(
    study: Study,
    client: InferenceClient,
    wait_ready: WaitReady,
    *,
    override: str | None = None,
    stopwatch: Stopwatch | None = None,
    progress: Progress | None = None,
) -> Analysis:
    """Analyse every phase of a study.

    Args:
        study: as ``read_study`` gives it.
        client: of a server that serves the application's models.
        wait_ready: waits for the server's restart, should it die.
        override: the reason for analysing a study that is not eligible; without one it is refused.
        stopwatch: records where the time goes.
        progress: is told how far each phase is.

    Raises:
        StudyError: a phase cannot be loaded.
        EligibilityError: code ``ineligible``, with the reasons of every phase.
        ServerError: the server is absent, or died twice.
        ResultError: code ``no-vessels`` when no vessel was found in any phase (not with ``override``, whose
            giver wants to see why).
    """
    check_phases(study)
    run = _Run(client, wait_ready, override, stopwatch or Stopwatch(), progress or silent)
    phases = tuple(run.phases(study))
    if override is None:
        _refuse_nothing(phases)
    return Analysis(phases, run.score(phases))


def check_phases(study: Study) -> None:
    """Refuse, before any work, a study of which a phase cannot be loaded; raises ``StudyError``."""
    for phase in study.phases:
        phase.check()


def common_lengths(phases: Sequence[AnalyzedPhase]) -> dict[str, float]:
    """The common length in mm of each vessel that was found (see the module's text)."""
    lengths: dict[str, list[float]] = {}
    for analyzed in phases:
        for name, found in analyzed.vessels.items():
            if found.image is not None:
                lengths.setdefault(name, []).append(found.length_mm)
    return {
        name: min(length for length in own if length >= REACH * float(np.median(own)))
        for name, own in lengths.items()
    }


@dataclass(frozen=True)
class _Loaded:
    phase: Phase
    volume: Volume
    ineligible: tuple[Finding, ...]


@dataclass(frozen=True)
class _Served:
    loaded: _Loaded
    outputs: Mapping[str, npt.NDArray]


@dataclass(frozen=True)
class _Run:
    """One analysis under way."""

    client: InferenceClient
    wait_ready: WaitReady
    override: str | None
    stopwatch: Stopwatch
    progress: Progress
    slots: Slots = field(default_factory=lambda: Slots(ALIVE))

    def phases(self, study: Study) -> Iterator[AnalyzedPhase]:
        """Every phase in order, each stage in its own thread."""
        with ExitStack() as stack:
            loaded = stack.enter_context(background(self._eligible(study.phases)))
            served = stack.enter_context(background(self._serve(loaded)))
            stack.callback(self.slots.close)
            for number, item in enumerate(served):
                self.progress("", "phases", SCANNED + (SEEN - SCANNED) * number / len(study.phases))
                yield self._find(item)
                del item
                self.slots.give()

    def score(self, phases: Sequence[AnalyzedPhase]) -> dict[str, dict[str, QualityScores]]:
        """Score every vessel found on its common length, in the largest batches the model takes."""
        common = common_lengths(phases)
        jobs = [
            (name, analyzed.phase.label, found.image, found.length_mm)
            for analyzed in phases
            for name, found in analyzed.vessels.items()
            if found.image is not None
        ]
        scores: dict[str, dict[str, QualityScores]] = {}
        for start in range(0, len(jobs), QUALITY.max_batch_size):
            self.progress("", "quality", SEEN + (1 - SEEN) * start / len(jobs))
            batch = jobs[start : start + QUALITY.max_batch_size]
            found = [_clip(image, min(length, common[name])) for name, _, image, length in batch]
            for (name, label, *_), score in zip(batch, self._score_batch(found), strict=True):
                scores.setdefault(name, {})[label] = score
        self.progress("", "done", 1.0)
        return scores

    def _eligible(self, phases: Sequence[Phase]) -> Iterator[_Loaded]:
        """Load each phase; once one is not eligible, go on only to collect the reasons."""
        reasons: list[tuple[Phase, tuple[Finding, ...]]] = []
        for phase in phases:
            if not self.slots.take():
                return
            loaded = self._load(phase)
            if loaded.ineligible and self.override is None:
                reasons.append((phase, loaded.ineligible))
            if reasons:
                del loaded
                self.slots.give()
            else:
                yield loaded
                del loaded
        if reasons:
            raise _ineligible(reasons, len(phases))

    def _load(self, phase: Phase) -> _Loaded:
        self.progress(phase.label, "reading", 0.0)
        with self.stopwatch.span("read", phase.label):
            volume = phase.load()
        with self.stopwatch.span("check", phase.label):
            findings = tuple(check_eligibility(phase, volume))
        self.progress(phase.label, "waiting", 0.3)
        return _Loaded(phase, volume, findings)

    def _serve(self, items: Iterator[_Loaded]) -> Iterator[_Served]:
        for loaded in items:
            label, volume = loaded.phase.label, loaded.volume
            self.progress(label, "centerlines", 0.35)
            inputs: dict[str, npt.NDArray] = {
                "volume": volume.hu,
                "spacing": volume.grid.spacing.astype(np.float32),
                "origin": volume.grid.origin.astype(np.float32),
            }
            with self.stopwatch.span("centerlines", label):
                outputs = infer_surviving(self.client, CENTERLINE, inputs, self.wait_ready)
            self.progress(label, "waiting", 0.75)
            yield _Served(loaded, outputs)
            del loaded, volume, inputs, outputs

    def _find(self, served: _Served) -> AnalyzedPhase:
        phase, volume = served.loaded.phase, served.loaded.volume
        self.progress(phase.label, "vessels", 0.8)
        found = {
            vessel.abbreviation: self._find_vessel(vessel, number, served)
            for number, vessel in enumerate(VESSELS)
        }
        with self.stopwatch.span("project", phase.label):
            planes = _project(volume, served.outputs, found)
        self.progress(phase.label, "done", 1.0)
        return AnalyzedPhase(phase, served.loaded.ineligible, found, planes)

    def _find_vessel(self, vessel: Vessel, number: int, served: _Served) -> FoundVessel:
        outputs, volume, label = served.outputs, served.loaded.volume, served.loaded.phase.label
        presence = float(outputs["presence"][number])
        try:
            with self.stopwatch.span("skeleton", label):
                tree = extract_vessel(_heatmap(outputs, number), volume, vessel, presence)
        except ResultError as error:
            return FoundVessel(vessel, presence, reason=Finding(error.code, error.message))
        with self.stopwatch.span("straighten", label):
            straight = straighten(
                volume, tree.path_points(), steps=STEPS, step_mm=STEP_MM, size=CROSS_SIZE,
                pixel_mm=CROSS_PIXEL_MM,
            )  # fmt: skip
        return FoundVessel(vessel, presence, tree, straight.image, straight.length_mm)

    def _score_batch(self, clipped: Sequence[tuple[npt.NDArray, float]]) -> list[QualityScores]:
        images = np.stack([image for image, _ in clipped])
        lengths = np.array([[length] for _, length in clipped], dtype=np.float32)
        inputs = {"straightened": images, "length": lengths}
        with self.stopwatch.span("quality"):
            outputs = infer_surviving(self.client, QUALITY, inputs, self.wait_ready)
        return [_scores(outputs, row, *scored) for row, scored in enumerate(clipped)]


def silent(phase: str, stage: str, fraction: float) -> None:
    """The progress that nobody watches."""


def _ineligible(reasons: Sequence[tuple[Phase, tuple[Finding, ...]]], count: int) -> EligibilityError:
    """One error with every distinct reason and the phases it concerns."""
    concerned: dict[str, tuple[str, list[str]]] = {}
    for phase, findings in reasons:
        for finding in findings:
            concerned.setdefault(finding.code, (finding.message, []))[1].append(phase.label)
    said = "; ".join(
        f"{message.rstrip('.')} [{code}; phase {', '.join(labels)}]"
        for code, (message, labels) in concerned.items()
    )
    return EligibilityError(
        "ineligible", f"{len(reasons)} of {count} phases must not be analysed without an override: {said}."
    )


def _refuse_nothing(phases: Sequence[AnalyzedPhase]) -> None:
    found = [vessel for analyzed in phases for vessel in analyzed.vessels.values()]
    if any(vessel.image is not None for vessel in found):
        return
    reasons = dict.fromkeys(vessel.reason.message.rstrip(".") for vessel in found if vessel.reason)
    raise ResultError(
        "no-vessels",
        f"no coronary artery was found in any of {len(phases)} phases: {'; '.join(islice(reasons, 3))}.",
    )


def _clip(image: npt.NDArray[np.int16], length_mm: float) -> tuple[npt.NDArray[np.int16], float]:
    """The first ``length_mm`` of a straightened image, as the quality model wants the rest: -1024."""
    clipped = image.copy()
    clipped[int(length_mm / STEP_MM) + 1 :] = _BEYOND_HU
    return clipped, length_mm


def _scores(
    outputs: Mapping[str, npt.NDArray], row: int, image: npt.NDArray[np.int16], length_mm: float
) -> QualityScores:
    return QualityScores(
        image,
        length_mm,
        outputs["class_probabilities"][row],
        float(outputs["quality"][row, 0]),
        float(outputs["ranking"][row, 0]),
        outputs["section_quality"][row],
        outputs["section_class"][row],
    )


def _project(
    volume: Volume, outputs: Mapping[str, npt.NDArray], found: Mapping[str, FoundVessel]
) -> tuple[PlaneView, ...]:
    numbers = {vessel.abbreviation: number for number, vessel in enumerate(VESSELS)}
    trees = {name: one.tree for name, one in found.items() if one.tree is not None}
    return project(volume, trees, {name: _heatmap(outputs, numbers[name]) for name in trees})


def _heatmap(outputs: Mapping[str, npt.NDArray], number: int) -> HeatMap:
    """The heat map of the vessel with that number, as the centerline model serves it."""
    return HeatMap.at(outputs["heatmaps"][number], outputs["crop_origin"][number], outputs["crop_spacing"])
