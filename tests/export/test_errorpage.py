"""The page of codes."""

import re

from scanserve.contracts.codes import ERRORS, FINDINGS, MISSES, SKIPPED
from scanserve.export.errorpage import render_errors

PAGE = render_errors()


def section(title):
    """The text below one heading."""
    found = re.search(rf"^## {re.escape(title)}$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def test_every_error_is_explained_below_its_class():
    for part in ERRORS:
        text = section(part.title)
        assert f"`{part.error.__name__}`, exit status {part.error.exit_status}." in text
        for code, entry in part.entries.items():
            assert f"| `{code}` | {entry.meaning} | {entry.action} |" in text


def test_every_notice_is_explained():
    for title, entries in (
        ("Findings", FINDINGS),
        ("Skipped files", SKIPPED),
        ("Misses of an evaluation", MISSES),
    ):
        for code, entry in entries.items():
            assert f"| `{code}` | {entry.meaning} | {entry.action} |" in section(title)


def test_every_exit_status_is_listed_once_for_each_subject():
    text = section("Exit statuses")
    rows = [line for line in text.splitlines() if re.match(r"\| \d", line)]
    assert len(rows) == len(ERRORS)
    assert "| 3 | `EligibilityError` | Eligibility |" in rows
