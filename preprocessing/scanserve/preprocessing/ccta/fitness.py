"""What coronary CT angiography demands of a stack before all of it is read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scanserve.contracts import StudyError
from scanserve.preprocessing.ccta.eligibility import check_header, check_sample
from scanserve.preprocessing.ct import Phase
from scanserve.preprocessing.findings import Finding

__all__ = ["CoronaryFitness"]

#: Slices that are read of a stack, and the parts of it that they come from.
SAMPLED_SLICES = 7
SAMPLED_PART = (0.1, 0.9)


class CoronaryFitness:
    """The demands of :func:`~scanserve.preprocessing.ccta.check_eligibility`, as far as they can be known early."""

    def by_header(self, phase: Phase) -> tuple[Finding, ...]:
        """Why the phase must not be analysed, as far as its headers say."""
        return check_header(phase)

    def by_sample(self, phase: Phase) -> tuple[Finding, ...]:
        """Why the phase must not be analysed, as far as a few of its slices show; reads their pixels."""
        try:
            return check_sample(_sample(phase).load())
        except StudyError as error:
            return (Finding(error.code, error.message),)


def _sample(phase: Phase) -> Phase:
    """A phase of a few slices of this one, each standing for the tissue up to the next."""
    slices = phase.stack.slices
    low, high = (round(part * (len(slices) - 1)) for part in SAMPLED_PART)
    chosen = np.unique(np.linspace(low, high, SAMPLED_SLICES).astype(int))
    stretch = len(slices) / len(chosen)
    along = phase.stack.axes.transpose.index(0)
    spacing = list(phase.spacing)
    spacing[2 - along] *= stretch
    stack = replace(
        phase.stack,
        slices=tuple(slices[index] for index in chosen),
        duplicates=(),
        step=phase.stack.step * stretch,
        spacing=(spacing[0], spacing[1], spacing[2]),
    )
    return replace(phase, stack=stack)
