"""Two results of the same kind beside each other: what is slower by more than noise explains.

A result is ``bench.json`` of ``scanserve perf bench`` or ``result.json`` of ``scanserve perf run``.  Each becomes a set
of named values; for some more is better.  Rows with a peer are compared by their ratio to it, since both sides of a
ratio were measured in turns and a busy machine slows both.  Absolute values are comparable only on equal machines.

The bound of a row is ``max(least, hypot(noise A, noise B))``: a difference of two independent values is as wide as the
root of the sum of their squared widths.  The noise of a value is half the width of a 95 % interval of it, relative;
where a result does not state it, the caller's assumption is used.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scanserve.contracts import InputError

__all__ = ["ASSUMED_NOISE", "LEAST_BOUND", "Change", "Value", "compare", "read_values", "render"]

#: A smaller change than this is never reported, relative.
LEAST_BOUND = 0.05
#: The noise of a value whose result does not state it, relative.
ASSUMED_NOISE = 0.15
_FILES = ("bench.json", "result.json")


@dataclass(frozen=True)
class Value:
    """One measured value; ``machine`` is empty where it may be compared between machines (a ratio)."""

    name: str
    value: float
    unit: str
    noise: float
    machine: str = ""
    more_is_better: bool = False


@dataclass(frozen=True)
class Change:
    """One value in A and in B; one of them is None where a result does not have it.

    Example:
        >>> Change(Value("reading", 1.0, "s", 0.03), Value("reading", 1.2, "s", 0.04)).verdict
        'SLOWER'
    """

    before: Value | None
    after: Value | None

    @property
    def name(self) -> str:
        """What was measured."""
        return next(value.name for value in (self.before, self.after) if value is not None)

    @property
    def change(self) -> float | None:
        """How much worse B is, relative to A; negative where it is better."""
        if self.before is None or self.after is None or not self.before.value or not self.after.value:
            return None
        ratio = self.after.value / self.before.value
        return (1 / ratio if self.before.more_is_better else ratio) - 1

    @property
    def bound(self) -> float | None:
        """How much of a change noise explains."""
        if self.before is None or self.after is None:
            return None
        return max(LEAST_BOUND, math.hypot(self.before.noise, self.after.noise))

    @property
    def verdict(self) -> str:
        """``SLOWER``, ``faster``, ``same``, ``new``, ``gone`` or ``another machine``."""
        if self.before is None or self.after is None:
            return "new" if self.before is None else "gone"
        if self.before.machine != self.after.machine:
            return "another machine"
        if self.change is None or self.bound is None or abs(self.change) <= self.bound:
            return "same"
        return "SLOWER" if self.change > 0 else "faster"


def compare(before: Path, after: Path, *, assumed_noise: float = ASSUMED_NOISE) -> tuple[Change, ...]:
    """Every value of two results, in the order of ``before``; what only ``after`` has comes last.

    Args:
        before: file or folder of result A.
        after: of result B.
        assumed_noise: the noise of values whose result does not state it, relative.

    Raises:
        InputError: code ``perf-result-unreadable``.
    """
    first = {value.name: value for value in read_values(before, assumed_noise)}
    second = {value.name: value for value in read_values(after, assumed_noise)}
    names = dict.fromkeys([*first, *second])
    return tuple(Change(first.get(name), second.get(name)) for name in names)


def read_values(path: Path, assumed_noise: float = ASSUMED_NOISE) -> tuple[Value, ...]:
    """The values of the result at ``path``, a file or its folder.

    Raises:
        InputError: code ``perf-result-unreadable``.
    """
    file = next((path / name for name in _FILES if (path / name).is_file()), path)
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        found = (
            _bench_values(content, assumed_noise)
            if "rows" in content
            else _load_values(content, assumed_noise)
        )
        return tuple(found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            "perf-result-unreadable", f"{file} is no result of a benchmark or load profile: {error!r}."
        ) from error


def render(changes: Sequence[Change]) -> str:
    """The changes as a Markdown table."""
    lines = [
        "| what | A | B | worse by | noise explains | verdict |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for change in changes:
        cells = (change.name, _text(change.before), _text(change.after), _percent(change.change, sign="+"))
        lines.append("| " + " | ".join((*cells, _percent(change.bound), change.verdict)) + " |")
    return "\n".join(lines) + "\n"


def _bench_values(content: Mapping[str, Any], assumed: float) -> Iterator[Value]:
    where = _machine(content)
    for row in content["rows"]:
        noise = row.get("noise")
        noise = assumed if noise is None else float(noise)
        if row["ratio"]:
            yield Value(f"{row['name']}, against {row['against']}", float(row["ratio"]), "x", noise)
        else:
            yield Value(row["name"], float(row["ours"]), row["unit"], noise, where)


def _load_values(content: Mapping[str, Any], assumed: float) -> Iterator[Value]:
    where = _machine(content)
    for load, points in content["loads"].items():
        for point in points:
            name, rate = f"{load} at {point['load']:g}", float(point["inferences_per_s"])
            yield Value(f"{name}, inferences/s", rate, "/s", assumed, where, more_is_better=True)
            for percent in ("50", "95"):
                latency = float(point["latency_ms"][percent])
                yield Value(f"{name}, p{percent}", latency, "ms", assumed, where)


def _machine(content: Mapping[str, Any]) -> str:
    facts = content.get("machine") or {}
    return f"{facts.get('processor', 'unknown')}, {facts.get('cores', '?')} cores"


def _text(value: Value | None) -> str:
    return "" if value is None else f"{value.value:.4g} {value.unit}"


def _percent(value: float | None, sign: str = "") -> str:
    return "" if value is None else f"{100 * value:{sign}.1f} %"
