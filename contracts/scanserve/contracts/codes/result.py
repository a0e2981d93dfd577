"""Codes of analyses and measurements that ran but have nothing to report."""

from __future__ import annotations

from collections.abc import Mapping

from scanserve.contracts.codes.entry import Entry

__all__ = ["RESULT"]

#: All are a :class:`~scanserve.contracts.errors.ResultError`.
RESULT: Mapping[str, Entry] = {
    "bench-failed": Entry(
        "The command that a benchmark measures failed.",
        "Run it on its own; the message quotes its last line.",
    ),
    "heatmap-implausible": Entry(
        "The heat map of a vessel is hot in more places than any vessel fills.",
        "Look at the phase: noise or another body region may mislead the network.",
    ),
    "no-vessel": Entry(
        "A vessel was not found in a phase.",
        "Look at the phase: contrast or coverage may be too poor.",
    ),
    "no-vessels": Entry(
        "No coronary artery was found in any phase.",
        "Check that the study is a contrast-enhanced cardiac CT.",
    ),
    "perf-limit-broken": Entry(
        "A load profile violates at least one of its limits.",
        "Read `verdict.md` in the results.",
    ),
    "perf-no-result": Entry(
        "`perf_analyzer` left no usable measurement.",
        "The message quotes its last line.",
    ),
    "perf-regression": Entry(
        "A measured value is worse than in the result it was compared with, by more than noise explains.",
        "Measure both again in one session on a quiet machine; then look at what changed.",
    ),
    "vessel-too-short": Entry(
        "Too little of a vessel was found in a phase.",
        "Look at the phase: contrast or motion may interrupt the vessel.",
    ),
}
