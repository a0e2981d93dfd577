"""Metrics pooled over films, per network, with intervals.

Symbols: U films with a reading of the network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scanserve.evaluation.bootstrap import Interval, bootstrap, ratio
from scanserve.evaluation.spine.study import NetworkAccuracy, StudyAccuracy
from scanserve.geometry.types import Array

__all__ = ["CLICKS", "Pooled", "pool"]

#: Numbers of clicks after which errors are stated.
CLICKS = (0, 1, 2, 3, 5, 10)

_Unit = tuple[StudyAccuracy, NetworkAccuracy]


@dataclass(frozen=True)
class Pooled:
    """Metrics by network, the number of films, and the names of those without a result."""

    figures: Mapping[str, Mapping[str, Interval]]
    studies: int
    without_result: tuple[str, ...]


def pool(studies: Sequence[StudyAccuracy]) -> Pooled:
    """Pool films; the metrics of a network include the films that have a reading of it."""
    names = list(dict.fromkeys(name for study in studies for name in study.networks))
    units = {name: [(s, s.networks[name]) for s in studies if name in s.networks] for name in names}
    missed = tuple(study.name for study in studies if not study.networks)
    return Pooled({name: _figures(found, len(missed)) for name, found in units.items()}, len(studies), missed)


def _figures(units: Sequence[_Unit], missed: int) -> dict[str, Interval]:
    return {
        **_errors(units),
        "mre_0_clicks_mm": _mean(
            [net.model[0] * study.pixel_mm for study, net in units if study.pixel_mm is not None]
        ),
        "model_click_worth": _worth(units),
        "fr10_20px": _mean([*(float(net.failed) for _, net in units), *[1.0] * missed]),
        "noc10_20px": _mean([*(float(net.clicks) for _, net in units), *[10.0] * missed]),
        "level_shift_share": _of(units, lambda net: float(net.shift != 0)),
        "cobb_mae_degrees": _of(units, lambda net: abs(net.found.degrees - net.true.degrees)),
        "cobb_bias_degrees": _of(units, lambda net: net.found.degrees - net.true.degrees),
        "cobb_smape_percent": _smape(units),
        "end_vertebrae_share": _of(units, lambda net: net.ends / 2),
    }


def _errors(units: Sequence[_Unit]) -> dict[str, Interval]:
    """Mean errors after clicks, by revision, and how much better the model's revision is."""
    found: dict[str, Interval] = {}
    for clicks in CLICKS:
        known = [net for _, net in units if clicks < len(net.model)]
        if not known:
            continue
        found[f"mre_{clicks}_clicks_px"] = _mean([net.model[clicks] for net in known])
        found[f"manual_mre_{clicks}_clicks_px"] = _mean([net.manual[clicks] for net in known])
        if clicks:
            gains = [net.manual[clicks] - net.model[clicks] for net in known]
            found[f"model_gain_{clicks}_clicks_px"] = _mean(gains)
    return found


def _worth(units: Sequence[_Unit]) -> Interval:
    """How many manual clicks reach the mean error that one click of the model reaches."""
    known = [net for _, net in units if len(net.model) > 1]
    if not known:
        return Interval(None, None, None)
    return bootstrap([[net.model[1], *net.manual] for net in known], _crossing)


def _crossing(sums: Array) -> Array:
    """Where the falling curve ``sums[..., 1:]`` reaches ``sums[..., 0]``, between its points."""
    flat = np.reshape(sums, (-1, np.shape(sums)[-1]))
    found = [np.interp(-row[0], -row[1:], np.arange(len(row) - 1)) for row in flat]
    return np.reshape(found, np.shape(sums)[:-1])


def _smape(units: Sequence[_Unit]) -> Interval:
    """Symmetric mean absolute percentage error of the greatest angle, as in AASCE 2019: ratio of sums."""
    pairs = [(net.found.degrees, net.true.degrees) for _, net in units]
    found = bootstrap([[100 * abs(one - two), one + two] for one, two in pairs], ratio)
    return found


def _of(units: Sequence[_Unit], value: Callable[[NetworkAccuracy], float]) -> Interval:
    return _mean([value(net) for _, net in units])


def _mean(values: Sequence[float]) -> Interval:
    table: npt.NDArray = np.array(values, dtype=float)
    if not len(table):
        return Interval(None, None, None)
    return bootstrap(np.column_stack([table, np.ones(len(table))]), ratio)
