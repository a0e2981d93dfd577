"""The phases of a study, one after the other, in three stages that overlap.

    read (thread) -> serve: heat maps of the centerlines (thread) -> find: trees, straightening, projections (caller)

While the server works on one phase, the next is read and the last is straightened.  At most :data:`ALIVE` volumes
exist at any time; what is kept of a phase (trees, three straightened vessels, three projections) is about 3 MB, so
memory is flat in the number of phases.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from scanserve.client.ccta.projections import project
from scanserve.client.ccta.vessel import extract_vessel
from scanserve.client.ccta.views import PlaneView
from scanserve.client.runs.pipeline import Slots, background
from scanserve.client.runs.progress import Progress
from scanserve.client.runs.resilience import Infer
from scanserve.client.runs.timing import Stopwatch
from scanserve.contracts import EligibilityError, ResultError
from scanserve.contracts.ccta import (
    CENTERLINE,
    CROSS_PIXEL_MM,
    CROSS_SIZE,
    STEP_MM,
    STEPS,
    VESSELS,
    Vessel,
)
from scanserve.geometry import HeatMap, VesselTree, straighten
from scanserve.preprocessing import Finding, Phase, Study, Volume, check_eligibility

__all__ = ["ALIVE", "SCANNED", "SEEN", "FoundPhase", "FoundVessel", "PhasePipeline", "check_phases"]

#: Volumes that exist at once: one being read, one at the server, one being straightened.
ALIVE = 3
#: How far the whole run is when the headers are read, and when every phase has been seen.
SCANNED, SEEN = 0.1, 0.9


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
class FoundPhase:
    """What is kept of one phase: its vessels by abbreviation, and why it should not have been analysed."""

    phase: Phase
    ineligible: tuple[Finding, ...]
    vessels: Mapping[str, FoundVessel]
    planes: tuple[PlaneView, ...]

    @property
    def label(self) -> str:
        """The phase's name in its study."""
        return self.phase.label


def check_phases(study: Study) -> None:
    """Refuse, before any work, a study of which a phase cannot be loaded; raises ``StudyError``."""
    for phase in study.phases:
        phase.check()


@dataclass(frozen=True)
class _ReadPhase:
    phase: Phase
    volume: Volume
    ineligible: tuple[Finding, ...]


@dataclass(frozen=True)
class _ServedPhase:
    """A phase with the outputs of the centerline model."""

    read: _ReadPhase
    outputs: Mapping[str, npt.NDArray]

    def heatmap(self, number: int) -> HeatMap:
        """The heat map of the vessel with that number in ``VESSELS``."""
        return HeatMap.at(
            self.outputs["heatmaps"][number],
            self.outputs["crop_origin"][number],
            self.outputs["crop_spacing"],
        )


@dataclass(frozen=True)
class PhasePipeline:
    """Takes the phases of one study through the stages.

    Attributes:
        infer: runs a served model.
        stopwatch: records where the time goes.
        progress: is told how far each phase is.
        override: the reason for analysing a study that is not eligible; without one it is refused.
    """

    infer: Infer
    stopwatch: Stopwatch
    progress: Progress
    override: str | None
    _slots: Slots = field(default_factory=lambda: Slots(ALIVE), init=False)

    def run(self, phases: Sequence[Phase]) -> Iterator[FoundPhase]:
        """Every phase in order, each stage in its own thread.

        Raises:
            StudyError: a phase cannot be loaded.
            EligibilityError: code ``ineligible``, with the reasons of every phase.
            ServerError: the server is absent, or died twice.
        """
        with ExitStack() as stack:
            read = stack.enter_context(background(self._read_all(phases)))
            served = stack.enter_context(background(self._serve_all(read)))
            stack.callback(self._slots.close)
            for number, item in enumerate(served):
                self.progress("", "phases", SCANNED + (SEEN - SCANNED) * number / len(phases))
                yield self._find(item)
                del item
                self._slots.give()

    def _read_all(self, phases: Sequence[Phase]) -> Iterator[_ReadPhase]:
        """Read each phase; once one is not eligible, go on only to collect the reasons."""
        reasons: list[tuple[Phase, tuple[Finding, ...]]] = []
        for phase in phases:
            if not self._slots.take():
                return
            read = self._read(phase)
            if read.ineligible and self.override is None:
                reasons.append((phase, read.ineligible))
            if reasons:
                del read
                self._slots.give()
            else:
                yield read
                del read
        if reasons:
            raise _ineligible(reasons, len(phases))

    def _read(self, phase: Phase) -> _ReadPhase:
        self.progress(phase.label, "reading", 0.0)
        with self.stopwatch.span("read", phase.label):
            volume = phase.load()
        with self.stopwatch.span("check", phase.label):
            findings = tuple(check_eligibility(phase, volume))
        self.progress(phase.label, "waiting", 0.3)
        return _ReadPhase(phase, volume, findings)

    def _serve_all(self, items: Iterator[_ReadPhase]) -> Iterator[_ServedPhase]:
        for read in items:
            yield self._serve(read)
            del read

    def _serve(self, read: _ReadPhase) -> _ServedPhase:
        label, volume = read.phase.label, read.volume
        self.progress(label, "centerlines", 0.35)
        inputs: dict[str, npt.NDArray] = {
            "volume": volume.hu,
            "spacing": volume.grid.spacing.astype(np.float32),
            "origin": volume.grid.origin.astype(np.float32),
        }
        with self.stopwatch.span("centerlines", label):
            outputs = self.infer(CENTERLINE, inputs)
        self.progress(label, "waiting", 0.75)
        return _ServedPhase(read, outputs)

    def _find(self, served: _ServedPhase) -> FoundPhase:
        phase = served.read.phase
        self.progress(phase.label, "vessels", 0.8)
        found = {
            vessel.abbreviation: self._find_vessel(vessel, number, served)
            for number, vessel in enumerate(VESSELS)
        }
        with self.stopwatch.span("project", phase.label):
            planes = _project(served, found)
        self.progress(phase.label, "done", 1.0)
        return FoundPhase(phase, served.read.ineligible, found, planes)

    def _find_vessel(self, vessel: Vessel, number: int, served: _ServedPhase) -> FoundVessel:
        volume, label = served.read.volume, served.read.phase.label
        presence = float(served.outputs["presence"][number])
        try:
            with self.stopwatch.span("skeleton", label):
                tree = extract_vessel(served.heatmap(number), volume, vessel, presence)
        except ResultError as error:
            return FoundVessel(vessel, presence, reason=Finding(error.code, error.message))
        with self.stopwatch.span("straighten", label):
            straight = straighten(
                volume,
                tree.path_points(),
                steps=STEPS,
                step_mm=STEP_MM,
                size=CROSS_SIZE,
                pixel_mm=CROSS_PIXEL_MM,
            )
        return FoundVessel(vessel, presence, tree, straight.image, straight.length_mm)


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


def _project(served: _ServedPhase, found: Mapping[str, FoundVessel]) -> tuple[PlaneView, ...]:
    """The projections of a phase, with the vessels that were found."""
    numbers = {vessel.abbreviation: number for number, vessel in enumerate(VESSELS)}
    trees = {name: vessel.tree for name, vessel in found.items() if vessel.tree is not None}
    heatmaps = {name: served.heatmap(numbers[name]) for name in trees}
    return project(served.read.volume, trees, heatmaps)
