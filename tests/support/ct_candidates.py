"""Candidates of made-up slices, without files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from scanserve.preprocessing.ct.decision.candidates import Candidate, candidates_of
from scanserve.preprocessing.ct.decision.series import parts_of
from scanserve.preprocessing.ct.slices import Slice


def never_same(first: Slice, other: Slice) -> bool:
    """As if every slice held an image of its own."""
    return False


def candidates(slices: Iterable[Slice], same=never_same) -> list[Candidate]:
    """Every stack of a study that holds these slices."""
    return candidates_of(parts_of(slices), Path(), same)
