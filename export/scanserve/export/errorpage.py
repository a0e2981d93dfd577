"""The reference of codes as Markdown: meaning and remedy of every error, finding and skipped file."""

from __future__ import annotations

from collections.abc import Mapping

from scanserve.contracts.codes import ERRORS, FINDINGS, MISSES, RULES, SKIPPED, Entry, ErrorSection
from scanserve.export.markdown import table

__all__ = ["render_errors"]

_INTRODUCTION = """\
<!-- Generated from the contracts by `scanserve export docs`; do not edit. -->

# Codes

A command that fails prints one line, `error [code]: sentence`, and ends with an exit status. The sentence states what
was expected and what was found. The code is stable, so scripts can rely on it. In Python it is the attribute `code` of
the exception.
"""

_STATUSES = """\
## Exit statuses

`0` means no error, `130` an interrupted run. Wrong usage of a command also ends with `2`.
"""

_NOTICES = (
    (
        "Findings",
        "Observations about a study, a phase or a vessel. A result lists them as warnings, as reasons why a "
        "phase is not eligible, and as reasons why a vessel was not found.",
        FINDINGS,
    ),
    (
        "Acceptance rules",
        "What `scanserve check` judges and every result begins with. A rule is met, warns, refuses, or is a question "
        "to whoever requests the analysis.",
        RULES,
    ),
    (
        "Skipped files",
        "Unused files of a study folder. A result counts them but never names them.",
        SKIPPED,
    ),
    (
        "Misses of an evaluation",
        "Reasons why `scanserve evaluate` counts a vessel as missed in a phase, unless the result gives a finding.",
        MISSES,
    ),
)

_HEAD = ("code", "meaning", "what to do")


def render_errors() -> str:
    """Render the page as Markdown."""
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
