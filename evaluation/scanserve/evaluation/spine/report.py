"""The report on one or more films, as JSON and as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scanserve.contracts.spine import NETWORKS
from scanserve.evaluation.application import Table
from scanserve.evaluation.bootstrap import LEVEL, RESAMPLES, SEED, Interval
from scanserve.evaluation.spine.pool import CLICKS, Pooled
from scanserve.evaluation.spine.published import PUBLISHED
from scanserve.evaluation.spine.study import BOUND_PX, MOST_CLICKS, NetworkAccuracy, StudyAccuracy

__all__ = ["SpineReport"]

#: Metrics of the second table, the titles of their columns, and decimals.
_CURVES = {
    "level_shift_share": ("level shifted", 3),
    "fr10_20px": ("FR10@20", 3),
    "noc10_20px": ("NoC10@20", 2),
    "model_click_worth": ("manual clicks per click", 1),
    "cobb_mae_degrees": ("Cobb MAE, degrees", 2),
    "cobb_smape_percent": ("SMAPE, %", 2),
    "end_vertebrae_share": ("end vertebrae agree", 2),
}


@dataclass(frozen=True)
class SpineReport:
    """Every film and the pooled metrics."""

    studies: tuple[StudyAccuracy, ...]
    pooled: Pooled

    def as_dict(self) -> dict[str, Any]:
        """The whole report, with the settings that the metrics depend on."""
        pooled = self.pooled
        return {
            "settings": {
                "bound_px": BOUND_PX,
                "most_clicks": MOST_CLICKS,
                "interval": {"level": LEVEL, "resamples": RESAMPLES, "seed": SEED},
            },
            "pooled": {
                "studies": pooled.studies,
                "without_result": list(pooled.without_result),
                "figures": {
                    network: {name: asdict(value) for name, value in figures.items()}
                    for network, figures in pooled.figures.items()
                },
            },
            "published_on_other_data": [asdict(row) for row in PUBLISHED],
            "studies": [*map(_study, self.studies)],
        }

    def tables(self) -> Sequence[Table]:
        """Errors after clicks beside the published ones, then levels, clicks and curves."""
        return (self._errors(), self._curves())

    def notes(self) -> Sequence[str]:
        """Misses, and the meaning of the metrics."""
        pooled = self.pooled
        missed = f" ({', '.join(pooled.without_result)})" if pooled.without_result else ""
        return (
            f"Films: {pooled.studies}; without a result, failures in FR and NoC and left out elsewhere: "
            f"{len(pooled.without_result)}{missed}.",
            "MRE: mean distance of the points in pixels of the stored film; a fixed point counts as the truth.  Each "
            "click fixes the worst point; by the model: the others are found again, manual: they stay.",
            f"FR10@20: share of films with a mean above {BOUND_PX:g} px after {MOST_CLICKS} clicks.  NoC10@20: clicks "
            f"until it is below; a failure counts as {MOST_CLICKS}.",
            "Level shifted: the first reading lies nearer to other vertebrae than to the right ones.  Cobb: the "
            "greatest angle between any two vertebrae.",
            "The published rows are from OTHER DATA (real films): compare within a row, not across.",
            f"In brackets: {LEVEL:.0%} percentile bootstrap over films.",
        )

    def _errors(self) -> Table:
        rows = []
        for network, figures in self.pooled.figures.items():
            title = NETWORKS.get(network, network)
            for name, revision in (("mre", "by the model"), ("manual_mre", "manual")):
                cells = [figures.get(f"{name}_{clicks}_clicks_px") for clicks in CLICKS]
                rows.append((f"{title}, {revision}", *map(_text, cells)))
        rows += [(f"{row.title}, OTHER DATA", *(f"{e:.1f}" for e in row.errors), "") for row in PUBLISHED]
        columns = ("", *(f"{clicks} clicks" for clicks in CLICKS))
        return Table("MRE after clicks, px (phantoms)", columns, tuple(rows))

    def _curves(self) -> Table:
        rows = [
            (
                NETWORKS.get(network, network),
                *(figures[name].text(digits) for name, (_, digits) in _CURVES.items()),
            )
            for network, figures in self.pooled.figures.items()
        ]
        columns = ("", *(title for title, _ in _CURVES.values()))
        return Table("Levels, clicks and curves (phantoms)", columns, tuple(rows))


def _text(value: Interval | None) -> str:
    return "-" if value is None else value.text(1)


def _study(study: StudyAccuracy) -> dict[str, Any]:
    return {
        "name": study.name,
        "true_degrees": round(study.true_degrees, 3),
        "networks": {name: _network(found) for name, found in study.networks.items()},
    }


def _network(found: NetworkAccuracy) -> dict[str, Any]:
    return {
        "mre_px": [round(float(value), 3) for value in found.model],
        "manual_mre_px": [round(float(value), 3) for value in found.manual[: MOST_CLICKS + 1]],
        "level_shift": found.shift,
        "degrees": round(found.found.degrees, 3),
        "ends": [found.found.upper, found.found.lower],
        "true_ends": [found.true.upper, found.true.lower],
    }
