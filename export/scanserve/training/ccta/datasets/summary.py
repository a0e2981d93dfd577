"""What was noticed in the cases of a data set, in a few lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scanserve.contracts.codes import ERRORS, FINDINGS
from scanserve.preprocessing.findings import Finding, plural

__all__ = ["CaseFinding", "summary"]


@dataclass(frozen=True)
class CaseFinding:
    """One thing noticed in one case.

    >>> str(CaseFinding("17", Finding("trees-missing", "the mask is empty.")))
    'case 17: the mask is empty. [trees-missing]'
    """

    case: str
    finding: Finding

    def __str__(self) -> str:
        return f"case {self.case}: {self.finding}"


def summary(noticed: Sequence[CaseFinding], used: Mapping[str, int], count: int) -> tuple[str, ...]:
    """How many of ``count`` cases are used for what, and a line for each code with the cases that have it."""
    parts = " and ".join(f"{number} for {name}" for name, number in used.items())
    lines = [f"{sum(used.values())} of {plural(count, 'case', verb=False)} used: {parts}."]
    for code in dict.fromkeys(each.finding.code for each in noticed):
        having = [each for each in noticed if each.finding.code == code]
        names = list(dict.fromkeys(each.case for each in having))
        lines.append(str(having[0]) if len(having) == 1 else f"{_named(names)}: {_meaning(code)} [{code}]")
    return tuple(lines)


def _named(cases: Sequence[str]) -> str:
    return f"{plural(len(cases), 'case', verb=False)} ({', '.join(cases)})"


def _meaning(code: str) -> str:
    tables = [section.entries for section in ERRORS] + [FINDINGS]
    return next((table[code].meaning for table in tables if code in table), "")
