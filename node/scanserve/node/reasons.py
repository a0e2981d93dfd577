"""Why a study waits, was refused or failed: codes of the catalogue, and what it says about them.

A reason is a code alone.  The sentence of an error may quote a header, so it is not kept; the page shows what the
catalogue says about the code.
"""

from __future__ import annotations

from scanserve.contracts.codes import ERRORS, FINDINGS, Entry

__all__ = [
    "ANALYSIS_CRASHED",
    "ANALYSIS_TIMEOUT",
    "CANCELLED_BY_USER",
    "COMMITMENT_MISSING",
    "COMMITMENT_REFUSED",
    "DISK_FULL",
    "INTERRUPTED",
    "NO_RULE",
    "OS_ERROR",
    "PEER_ABSENT",
    "PEER_REFUSED",
    "entry_of",
    "known",
]


def known(code: str) -> str:
    """``code`` if the catalogue holds it, else ``analysis-crashed``: nothing else is ever kept or shown."""
    return code if code in _ENTRIES else "analysis-crashed"


def entry_of(code: str) -> Entry | None:
    """What the catalogue says about a code."""
    return _ENTRIES.get(code)


_ENTRIES = {**FINDINGS, **{code: entry for section in ERRORS for code, entry in section.entries.items()}}

NO_RULE = known("no-rule")
INTERRUPTED = known("interrupted-too-often")
ANALYSIS_CRASHED = known("analysis-crashed")
ANALYSIS_TIMEOUT = known("analysis-timeout")
CANCELLED_BY_USER = known("cancelled")
DISK_FULL = known("disk-full")
OS_ERROR = known("os-error")
PEER_ABSENT = known("peer-absent")
PEER_REFUSED = known("peer-refused")
COMMITMENT_REFUSED = known("commitment-refused")
COMMITMENT_MISSING = known("commitment-missing")
