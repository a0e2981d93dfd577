"""Contrast medium that another phase of the same scan shows.

The phases of one scan are reconstructed from one pass of contrast medium.  Where faint blood, trabeculae, noise and a
small ventricle leave too little of it in one phase for :mod:`~scanserve.preprocessing.ccta.eligibility`, another phase
may show enough.  A scan without contrast, which another series of the study may be, shows none at all.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace

from scanserve.contracts import StudyError
from scanserve.preprocessing.ccta.anatomy import CoarseVolume, contrast_ml
from scanserve.preprocessing.ccta.eligibility import MIN_CONTRAST_ML
from scanserve.preprocessing.ccta.fitness import sample_of
from scanserve.preprocessing.ct import Phase, Volume
from scanserve.preprocessing.findings import Finding

__all__ = ["Bolus"]

#: What a phase must show of its own, ml, when this share of a cube of the opening must be bright instead of all.
FAINT_ML, FAINT_SHARE = 10.0, 0.85


class Bolus:
    """The contrast medium of a study.

    Args:
        phases: of the study.
    """

    def __init__(self, phases: Sequence[Phase]) -> None:
        self._phases = tuple(phases)
        self._shown: dict[int, bool] = {}

    def excuse(
        self, phase: Phase, unfit: tuple[Finding, ...], volume: Callable[[], Volume]
    ) -> tuple[Phase, tuple[Finding, ...]]:
        """The phase, and what still speaks against its analysis.

        Args:
            phase: one of the study, or another reconstruction of one.
            unfit: what speaks against it.
            volume: gives its pixels, or a few of its slices; called only where they decide.

        Returns:
            Without ``no-contrast``, where that is all, the phase shows faint contrast, and a few slices of another
            phase of the scan show more; the phase then has the finding ``contrast-faint``.  Otherwise as given.
        """
        if [finding.code for finding in unfit] != ["no-contrast"]:
            return phase, unfit
        if contrast_ml(CoarseVolume.from_volume(volume()), FAINT_SHARE) < FAINT_ML:
            return phase, unfit
        other = next((other for other in self._phases if self._vouches(other, phase)), None)
        if other is None:
            return phase, unfit
        why = f"it is analysed because phase {other.label} of the same scan shows more."
        noticed = Finding("contrast-faint", f"{unfit[0].message.rstrip('.')}; {why}")
        return replace(phase, findings=(*phase.findings, noticed)), ()

    def _vouches(self, other: Phase, phase: Phase) -> bool:
        return other.label != phase.label and _scan(other) == _scan(phase) and self._shows(other)

    def _shows(self, phase: Phase) -> bool:
        """Whether a few slices of the phase show all the contrast that a phase needs; looked at once."""
        if id(phase) not in self._shown:
            self._shown[id(phase)] = _shown_ml(phase) >= MIN_CONTRAST_ML
        return self._shown[id(phase)]


def _shown_ml(phase: Phase) -> float:
    """The contrast that a few slices of the phase show, ml; 0 where they cannot be read."""
    try:
        return contrast_ml(CoarseVolume.from_volume(sample_of(phase).load()))
    except StudyError:
        return 0.0


def _scan(phase: Phase) -> Hashable:
    """What the phases of one scan share."""
    first = phase.stack.slices[0]
    return first.frame_of_reference, first.kernel, first.thickness, phase.spacing, phase.shape[1:]
