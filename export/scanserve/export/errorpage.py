"""The page of codes: what every error, finding and skipped file means and what to do about it, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping

from scanserve.contracts.codes import ERRORS, FINDINGS, MISSES, SKIPPED, Entry, ErrorSection
from scanserve.export.markdown import table

__all__ = ["render_errors"]

_INTRODUCTION = """\
<!-- Generated from the contracts by `scanserve export docs`; do not edit. -->

# Codes

A command that cannot do its work prints one line, `error [code]: sentence`, and ends with an exit status. The
sentence names what was expected and what came; the code is stable, so scripts can rely on it. In Python the same
code is the attribute `code` of the exception.
"""

_STATUSES = """\
## Exit statuses

`0` is a run without an error, `130` one that was interrupted. Wrong usage of a command ends with `2` as well.
"""

_NOTICES = (
    (
        "Findings",
        "What was noticed about a study, a phase or a vessel. A result lists them as warnings, as reasons why a "
        "phase is not eligible, and as reasons why a vessel was not found.",
        FINDINGS,
    ),
    (
        "Skipped files",
        "Files of a study folder that are not used. A result counts them and never names them.",
        SKIPPED,
    ),
    (
        "Misses of an evaluation",
        "Why `scanserve evaluate` counts a vessel as missed in a phase; or the finding that the result gives.",
        MISSES,
    ),
)

_HEAD = ("code", "meaning", "what to do")


def render_errors() -> str:
    """The whole page, as Markdown."""
    parts = [_INTRODUCTION, _STATUSES, _status_table(), *map(_errors, ERRORS)]
    parts += [f"## {title}\n\n{text}\n\n{_entries(entries)}" for title, text, entries in _NOTICES]
    return "\n".join(parts).rstrip() + "\n"


def _status_table() -> str:
    statuses = sorted(
        (section.error.exit_status, section.error.__name__, section.title) for section in ERRORS
    )
    rows = [(str(status), f"`{name}`", title) for status, name, title in statuses]
    return table(("exit status", "exception", "about"), rows)


def _errors(section: ErrorSection) -> str:
    name, status = section.error.__name__, section.error.exit_status
    return f"## {section.title}\n\n`{name}`, exit status {status}.\n\n{_entries(section.entries)}"


def _entries(entries: Mapping[str, Entry]) -> str:
    return table(
        _HEAD, [(f"`{code}`", entries[code].meaning, entries[code].action) for code in sorted(entries)]
    )
