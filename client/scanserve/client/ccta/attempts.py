"""Reading one phase: its best reconstruction, and the next best where that one fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from scanserve.client.runs.progress import Progress
from scanserve.client.runs.timing import Stopwatch
from scanserve.contracts import EligibilityError, ScanserveError, StudyError
from scanserve.preprocessing import Finding, Phase, Reconstruction, Volume, check_eligibility
from scanserve.preprocessing.ccta import Bolus

__all__ = ["Attempt", "Failure", "PhaseReader", "ReadPhase", "refusal"]


@dataclass(frozen=True)
class ReadPhase:
    """A phase with its pixels, and why it should not be analysed."""

    phase: Phase
    volume: Volume
    ineligible: tuple[Finding, ...]


@dataclass(frozen=True)
class Failure:
    """A reconstruction that is not analysed: it cannot be loaded (``error``), or it is not eligible."""

    phase: Phase
    reasons: tuple[Finding, ...]
    error: StudyError | None = None

    def left_out(self, *, phase_lost: bool) -> Reconstruction:
        """The reconstruction with the reasons; ``phase_lost`` where no other one of its phase is analysed."""
        label = self.phase.label
        return replace(self.phase.reconstruction, label=label, reasons=self.reasons, phase_lost=phase_lost)


@dataclass(frozen=True)
class Attempt:
    """What came of one phase: what was read, if anything was, and what failed before it."""

    read: ReadPhase | None
    failures: tuple[Failure, ...]

    def left_out(self) -> list[Reconstruction]:
        """The reconstructions that failed; the first stands for the phase where all did."""
        lost = self.read is None
        return [
            failure.left_out(phase_lost=lost and number == 0) for number, failure in enumerate(self.failures)
        ]


@dataclass(frozen=True)
class PhaseReader:
    """Reads phases.

    Attributes:
        stopwatch: records where the time goes.
        progress: is told how far each phase is.
        override: the reason for analysing what is not eligible; without one it fails.
        bolus: the contrast medium that the phases of the study share.
    """

    stopwatch: Stopwatch
    progress: Progress
    override: str | None
    bolus: Bolus

    def read(self, phase: Phase) -> Attempt:
        """The first reconstruction of the phase that can be loaded and may be analysed.

        Where none may, the first that the contrast of another phase excuses.
        """
        failures: list[Failure] = []
        for candidate in (phase, *phase.alternatives):
            outcome = self._read(candidate, excused=not phase.alternatives)
            if isinstance(outcome, ReadPhase):
                return Attempt(_explained(outcome, failures), tuple(failures))
            failures.append(outcome)
        return self._excused(failures) if phase.alternatives else Attempt(None, tuple(failures))

    def _excused(self, failures: Sequence[Failure]) -> Attempt:
        """The first reconstruction that is excused, of several that are not eligible by themselves."""
        for number, failure in enumerate(failures):
            if not self.bolus.may_excuse(failure.reasons):
                continue
            outcome = self._read(failure.phase, excused=True)
            if isinstance(outcome, ReadPhase):
                return Attempt(
                    _explained(outcome, failures[:number]), (*failures[:number], *failures[number + 1 :])
                )
        return Attempt(None, tuple(failures))

    def _read(self, phase: Phase, *, excused: bool) -> ReadPhase | Failure:
        """Read a phase; ``excused`` asks the bolus where contrast is all that it lacks."""
        self.progress(phase.label, "reading", 0.0)
        try:
            with self.stopwatch.span("read", phase.label):
                volume = phase.load()
        except StudyError as error:
            return Failure(phase, (Finding(error.code, error.message),), error)
        with self.stopwatch.span("check", phase.label):
            findings = check_eligibility(phase, volume)
            if excused:
                phase, findings = self.bolus.excuse(phase, findings, lambda: volume)
        if findings and self.override is None:
            return Failure(phase, findings)
        self.progress(phase.label, "waiting", 0.3)
        return ReadPhase(phase, volume, findings)


def _explained(read: ReadPhase, failures: Sequence[Failure]) -> ReadPhase:
    """Say in the explanation that other reconstructions were tried first."""
    if not failures:
        return read
    codes = ", ".join(dict.fromkeys(reason.code for failure in failures for reason in failure.reasons))
    told = f"{read.phase.explanation}; used in place of a reconstruction that failed [{codes}]"
    return replace(read, phase=replace(read.phase, explanation=told))


def refusal(attempts: Sequence[Attempt], count: int) -> ScanserveError:
    """Why nothing is analysed: every distinct reason and the phases that it concerns.

    Args:
        attempts: those that failed, at least one.
        count: phases of the study.
    """
    first = [attempt.failures[0] for attempt in attempts]
    ineligible = [failure for failure in first if failure.error is None]
    if not ineligible:
        return next(failure.error for failure in first if failure.error is not None)
    concerned: dict[str, tuple[str, list[str]]] = {}
    for failure in ineligible:
        for finding in failure.reasons:
            concerned.setdefault(finding.code, (finding.message, []))[1].append(failure.phase.label)
    said = "; ".join(
        f"{message.rstrip('.')} [{code}; phase {', '.join(labels)}]"
        for code, (message, labels) in concerned.items()
    )
    return EligibilityError(
        "ineligible", f"{len(ineligible)} of {count} phases must not be analysed without an override: {said}."
    )
