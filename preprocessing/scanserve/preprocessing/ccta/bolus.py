"""Contrast medium that another phase of the same scan shows.

The phases of one scan are reconstructed from one pass of contrast medium.  Where faint blood, trabeculae, noise and a
small ventricle leave too little of it in one phase for :mod:`~scanserve.preprocessing.ccta.eligibility`, another phase
may be eligible.  A phase is excused only then, and only if it shows some contrast of its own: a scan without contrast
medium, which another series of the study may be, shows hardly any.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from scanserve.contracts import StudyError
from scanserve.preprocessing.ccta.anatomy import CoarseVolume, faint_contrast_ml
from scanserve.preprocessing.ccta.eligibility import MIN_FAINT_ML, check_eligibility
from scanserve.preprocessing.ct import Phase, Volume
from scanserve.preprocessing.ct.slices import Slice
from scanserve.preprocessing.findings import Finding

__all__ = ["Bolus", "was_excused"]

#: The phases of one scan are acquired within so many seconds; spacings, mm, are compared to so many decimals.
WITHIN_S, SPACING_DIGITS = 60.0, 2


class Bolus:
    """The contrast medium of a study.

    Args:
        phases: of the study.
    """

    def __init__(self, phases: Sequence[Phase]) -> None:
        self._phases = tuple(phases)
        self._eligible: dict[int, bool] = {}

    @staticmethod
    def may_excuse(unfit: Sequence[Finding]) -> bool:
        """Whether missing contrast is all that speaks against a phase."""
        return [finding.code for finding in unfit] == ["no-contrast"]

    def excuse(
        self, phase: Phase, unfit: tuple[Finding, ...], volume: Callable[[], Volume]
    ) -> tuple[Phase, tuple[Finding, ...]]:
        """The phase, and what still speaks against its analysis.

        Args:
            phase: one of the study, or another reconstruction of one.
            unfit: what speaks against it.
            volume: gives its pixels, or a few of its slices; called only where they decide.

        Returns:
            Without ``no-contrast``, where that is all, the phase shows faint contrast, and another phase of the scan is
            eligible; the phase then has the finding ``contrast-faint``.  Otherwise as given.

        Raises:
            StudyError: what ``volume`` raises.
        """
        if not self.may_excuse(unfit):
            return phase, unfit
        if faint_contrast_ml(CoarseVolume.from_volume(volume())) < MIN_FAINT_ML:
            return phase, unfit
        other = next((other for other in self._phases if self._vouches(other, phase)), None)
        if other is None:
            return phase, unfit
        why = f"it is analysed because phase {other.label} of the same scan shows more."
        noticed = Finding("contrast-faint", f"{unfit[0].message.rstrip('.')}; {why}")
        return replace(phase, findings=(*phase.findings, noticed)), ()

    def _vouches(self, other: Phase, phase: Phase) -> bool:
        return other.label != phase.label and _of_one_scan(other, phase) and self._is_eligible(other)

    def _is_eligible(self, phase: Phase) -> bool:
        """Whether the phase may be analysed by itself; looked at once."""
        if id(phase) not in self._eligible:
            self._eligible[id(phase)] = _is_eligible(phase)
        return self._eligible[id(phase)]


def was_excused(phase: Phase) -> bool:
    """Whether :meth:`Bolus.excuse` has excused the phase."""
    return any(finding.code == "contrast-faint" for finding in phase.findings)


def _is_eligible(phase: Phase) -> bool:
    try:
        return not check_eligibility(phase, phase.load())
    except StudyError:
        return False


def _of_one_scan(one: Phase, other: Phase) -> bool:
    """Whether two phases are reconstructed alike, at one place, from views of one time, as far as the files say."""
    first, second = one.stack.slices[0], other.stack.slices[0]
    return (
        bool(first.frame_of_reference)
        and _likeness(one, first) == _likeness(other, second)
        and _overlap(one, other)
        and _at_one_time(first, second)
    )


def _likeness(phase: Phase, first: Slice) -> tuple[object, ...]:
    spacing = tuple(round(step, SPACING_DIGITS) for step in phase.spacing)
    return first.frame_of_reference, first.kernel, first.thickness, spacing, phase.shape[1:]


def _overlap(one: Phase, other: Phase) -> bool:
    """Whether the phases cover, along z, more than half of the shorter one together."""
    (low, high), (other_low, other_high) = (_extent(phase) for phase in (one, other))
    shared = min(high, other_high) - max(low, other_low)
    return shared > min(high - low, other_high - other_low) / 2


def _extent(phase: Phase) -> tuple[float, float]:
    low = phase.origin[2]
    return low, low + phase.shape[0] * phase.spacing[2]


def _at_one_time(first: Slice, second: Slice) -> bool:
    """Whether two slices were acquired within a minute; True where a file does not say when."""
    times = first.phase_tags.acquisition_time, second.phase_tags.acquisition_time
    if times[0] is None or times[1] is None:
        return True
    return abs(_seconds(times[0]) - _seconds(times[1])) <= WITHIN_S


def _seconds(time: float) -> float:
    """Seconds since midnight of a time of day that is written as the number HHMMSS.ffffff."""
    return time // 10_000 * 3600 + time // 100 % 100 * 60 + time % 100
