"""Whether a stack is fit for an application: a judgement that the application brings along."""

from __future__ import annotations

from typing import Protocol

from scanserve.preprocessing.ct.study import Phase
from scanserve.preprocessing.findings import Finding

__all__ = ["Fitness"]


class Fitness(Protocol):
    """What an application demands of a stack before all of it is read."""

    def by_header(self, phase: Phase) -> tuple[Finding, ...]:
        """Why the phase must not be analysed, as far as its headers say."""

    def by_sample(self, phase: Phase) -> tuple[Finding, ...]:
        """Why the phase must not be analysed, as far as a few of its slices show; reads their pixels."""
