"""Which application gets which series of a study."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scanserve.node import config

__all__ = ["Facts", "routes"]


@dataclass(frozen=True)
class Facts:
    """What the rules look at in a series."""

    series: str
    modality: str
    descriptions: tuple[str, ...]
    caller: str


def routes(rules: Iterable[config.Rule], series: Iterable[Facts]) -> Mapping[str, list[str]]:
    """Application to the series that it gets, which match one of its rules.

    Example:
        >>> rule = config.Rule(application="ccta", modality="CT", description="coronary|heart")
        >>> routes([rule], [Facts("a", "CT", ("Heart 0.6",), "CT1"), Facts("b", "CT", ("Topogram",), "CT1")])
        {'ccta': ['a']}
    """
    facts = tuple(series)
    found: dict[str, dict[str, None]] = {}
    for rule in rules:
        for one_series in facts:
            if _matches(rule, one_series):
                found.setdefault(rule.application, {})[one_series.series] = None
    return {application: list(names) for application, names in found.items()}


def _matches(rule: config.Rule, facts: Facts) -> bool:
    if rule.modality is not None and rule.modality != facts.modality:
        return False
    if rule.caller is not None and rule.caller.strip() != facts.caller:
        return False
    if rule.description is None:
        return True
    pattern = re.compile(rule.description, re.IGNORECASE)
    return any(pattern.search(text) for text in facts.descriptions)
