"""The phases of a study, one after the other, in three stages that overlap.

    read (thread) -> serve: heat maps of the centerlines (thread) -> find: trees, straightening, projections (caller)

While one phase is at the server, the next is read or the last is straightened.  At most :data:`ALIVE` volumes exist
at any time; what is kept of a phase (trees, three straightened vessels, three projections) is about 3 MB, so memory is
flat in the number of phases.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count

import numpy as np
import numpy.typing as npt

from scanserve.client.ccta.attempts import Attempt, PhaseReader, ReadPhase, refusal
from scanserve.client.ccta.projections import project
from scanserve.client.ccta.vessel import extract_vessel
from scanserve.client.ccta.views import PlaneView
from scanserve.client.runs.pipeline import Slots, background
from scanserve.client.runs.progress import Progress
from scanserve.client.runs.resilience import Infer
from scanserve.client.runs.timing import Stopwatch
from scanserve.contracts import EligibilityError, ResultError, StudyError
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
from scanserve.preprocessing import Finding, Phase, Reconstruction, Study
from scanserve.preprocessing.ccta import Bolus, was_excused
from scanserve.preprocessing.ccta.acceptance import Evidence

__all__ = ["ALIVE", "SCANNED", "SEEN", "FoundPhase", "FoundVessel", "PhasePipeline", "check_phases"]

#: Volumes that exist at once: the next is read while one is at the server or straightened.  A third saves no time:
#: with two, two cores are busy.
ALIVE = 2
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


def check_phases(study: Study, *, strict: bool = False) -> None:
    """Refuse, before any work, a study that cannot be analysed.

    Args:
        study: as it was read; phases that cannot be analysed beside others are left out of it already.
        strict: whether every phase of the study is to be analysed.

    Raises:
        StudyError: a phase cannot be loaded.
        EligibilityError: code ``ineligible``: a phase is not eligible, and ``strict``.
    """
    for phase in study.phases:
        phase.check()
    for lost in (found for found in study.left_out if found.phase_lost and strict):
        reason = lost.reasons[0]
        message = f"{lost.what} cannot be analysed, and --strict asks for all: {reason.message}"
        if not lost.loadable:
            raise StudyError(reason.code, message)
        raise EligibilityError("ineligible", f"{message.rstrip('.')} [{reason.code}].")


@dataclass(frozen=True)
class _ServedPhase:
    """A phase with the outputs of the centerline model."""

    read: ReadPhase
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
        strict: whether a phase that cannot be analysed costs the others.
        left_out: gathers what was not analysed after all.
        evidence: what the acceptance rules look at; of the first phase that is read and not faint, if there is one.
    """

    infer: Infer
    stopwatch: Stopwatch
    progress: Progress
    override: str | None
    strict: bool = False
    left_out: list[Reconstruction] = field(default_factory=list, init=False)
    evidence: list[Evidence] = field(default_factory=list, init=False)
    _slots: Slots = field(default_factory=lambda: Slots(ALIVE), init=False)

    def run(self, phases: Sequence[Phase]) -> Iterator[FoundPhase]:
        """Every phase in order, each stage in its own thread.

        Raises:
            StudyError: no phase can be loaded; with ``strict``: one cannot be.
            EligibilityError: code ``ineligible``, with the reasons of every phase: none may be analysed; with
                ``strict``: one may not be.
            ServerError: the server is absent, or died twice.
        """
        with ExitStack() as stack:
            read = stack.enter_context(background(self._read_all(phases)))
            served = stack.enter_context(background(self._serve_all(read)))
            stack.callback(self._slots.close)
            numbers = count()  # enumerate would keep the phase before
            for item in served:
                self.progress("", "phases", SCANNED + (SEEN - SCANNED) * next(numbers) / len(phases))
                yield self._find(item)
                del item
                self._slots.give()

    def _read_all(self, phases: Sequence[Phase]) -> Iterator[ReadPhase]:
        """Read each phase; what fails is left out, or costs the others, and then only its reasons are collected."""
        reader = PhaseReader(self.stopwatch, self.progress, self.override, Bolus(phases))
        failed: list[Attempt] = []
        for phase in phases:
            if not self._slots.take():
                return
            attempt = reader.read(phase)
            if attempt.read is None:
                failed.append(attempt)
                self.progress(phase.label, "left out", 1.0)
            if attempt.read is None or (failed and self.strict):
                self._slots.give()
            else:
                self._look_at(attempt.read)
                yield attempt.read
            self.left_out.extend(attempt.left_out())
            del attempt
        if len(failed) == len(phases) or (failed and self.strict):
            raise refusal(failed, len(phases))

    def _look_at(self, read: ReadPhase) -> None:
        """Gather what the acceptance rules look at, of the first phase, or of the first that is not faint."""
        if not self.evidence or (was_excused(self.evidence[0].phase) and not was_excused(read.phase)):
            with self.stopwatch.span("check", read.phase.label):
                self.evidence[:] = [Evidence.of(read.phase, read.volume, read.ineligible)]

    def _serve_all(self, items: Iterator[ReadPhase]) -> Iterator[_ServedPhase]:
        for read in items:
            yield self._serve(read)
            del read

    def _serve(self, read: ReadPhase) -> _ServedPhase:
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


def _project(served: _ServedPhase, found: Mapping[str, FoundVessel]) -> tuple[PlaneView, ...]:
    """The projections of a phase, with the vessels that were found."""
    numbers = {vessel.abbreviation: number for number, vessel in enumerate(VESSELS)}
    trees = {name: vessel.tree for name, vessel in found.items() if vessel.tree is not None}
    heatmaps = {name: served.heatmap(numbers[name]) for name in trees}
    return project(served.read.volume, trees, heatmaps)
