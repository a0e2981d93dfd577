"""Codes of vessels that an evaluation counts as missed without a reason in the result."""

from __future__ import annotations

from collections.abc import Mapping

from scanserve.contracts.codes.entry import Entry
from scanserve.contracts.codes.result import RESULT

__all__ = ["MISSES"]

#: They appear in the output of ``scanserve evaluate``.
MISSES: Mapping[str, Entry] = {
    "no-phase": Entry(
        "The result does not have the phase.",
        "Evaluate the result of the same study.",
    ),
    "no-result": Entry(
        "The study has no result.",
        "Find out why its analysis failed.",
    ),
    "no-tree": Entry(
        "The result holds neither a tree of the vessel nor a reason.",
        "Analyse the study again with this version.",
    ),
    "no-vessel": RESULT["no-vessel"],
}
