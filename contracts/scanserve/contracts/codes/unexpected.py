"""Codes of errors that no part of scanserve expected."""

from __future__ import annotations

from collections.abc import Mapping

from scanserve.contracts.codes.entry import Entry

__all__ = ["UNEXPECTED"]

#: All are a bare :class:`~scanserve.contracts.errors.ScanserveError`.
UNEXPECTED: Mapping[str, Entry] = {
    "internal": Entry(
        "Something failed that should not.",
        "Run again with `SCANSERVE_DEBUG=1` and report the traceback.",
    ),
    "os-error": Entry(
        "The operating system refused an operation.",
        "The message gives its reason.",
    ),
    "out-of-memory": Entry(
        "This machine has too little memory for the request.",
        "Close other programs, use a smaller study or a larger machine.",
    ),
}
