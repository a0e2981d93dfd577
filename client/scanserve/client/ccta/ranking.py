"""The order of the cardiac phases, per vessel and overall.

The rule, in full:

1. *Per vessel.*  The network gives each phase a weighted quality (0 to 1) and a ranking score (any scale).
   A heart moves smoothly, so phases near each other in the beat are nearly as good: both values are first
   averaged over the beat with Gaussian weights of :data:`SMOOTHING_PERCENT`, around its end and beginning too.
   (A phase whose percent of the R-R interval is unknown keeps its own.)  Both are then turned into z-scores
   over the phases in which the vessel was scored; the standard deviation is never taken smaller than
   :data:`QUALITY_FLOOR` and :data:`RANKING_FLOOR`, so that noise among equal phases is not blown up.  What was
   *seen* of a phase is ``RANKING_WEIGHT * z(ranking) + (1 - RANKING_WEIGHT) * z(quality)``.
2. *Rest.*  A vessel that hardly changes its place between the phases around one is at rest there
   (:mod:`~scanserve.client.ccta.travel`).  Where that is known, the score is ``TRAVEL_WEIGHT * z(-log(travel +
   TRAVEL_FLOOR_MM)) + (1 - TRAVEL_WEIGHT) * seen``.  In a phase without a neighbour, ``EXPECTED_REST * seen`` stands
   for the rest; where no phase has a neighbour, the score is what was seen.  At the ends of a scan that covers a part
   of the beat, travel is known from one side, mostly that of the quieter neighbour, and counts
   ``ONE_SIDED ** (percents to that neighbour / SPAN_PERCENT)`` times.
3. *Missing.*  A phase in which the vessel was not found comes last, with the reason, and has no score.
4. *Overall.*  The mean over the vessels of the per-vessel scores.  A vessel that is missing in one phase only
   counts there as its lowest score minus :data:`MISSING_PENALTY`; a vessel never found counts nowhere.
5. *Ties.*  Scores equal to :data:`TIE` share a position, in the study's order; a phase whose score is less
   than :data:`NEAR_TIE` below the best one is said to be nearly tied with it, and only from :data:`CLEAR` on
   is the best phase said to be clearly best.

Symbols: P phases in the study's order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from scanserve.client.ccta.travel import SPAN_PERCENT, Travel

__all__ = [
    "CLEAR",
    "EXPECTED_REST",
    "MISSING_PENALTY",
    "NEAR_TIE",
    "ONE_SIDED",
    "QUALITY_FLOOR",
    "RANKING_FLOOR",
    "RANKING_WEIGHT",
    "SMOOTHING_PERCENT",
    "TIE",
    "TRAVEL_FLOOR_MM",
    "TRAVEL_WEIGHT",
    "Confidence",
    "PhaseOrder",
    "PhasePlace",
    "PhaseScore",
    "rank_overall",
    "rank_vessel",
]

#: Standard deviation of the weights, percent of the R-R interval: a tenth of the beat away counts a quarter.
#: Chosen once, by hand, on 24 vessels of validation phantoms: with 0, 5, 6 and 7 the best phase was first in 44, 67,
#: 77 and 75 % of them, and Spearman's rho of the order was 0.92, 0.93, 0.93 and 0.91.
SMOOTHING_PERCENT = 6.0
#: Share of the ranking head in the score: both heads saw the same image and neither is trusted more.
RANKING_WEIGHT = 0.5
#: Smallest standard deviation of quality over phases: a seventh of the step between two quality classes.
QUALITY_FLOOR = 0.05
#: Smallest standard deviation of the ranking score: a RankNet difference of 0.25 is a 56 % preference.
RANKING_FLOOR = 0.25
#: Share of the travel in the score: of the two witnesses neither is trusted more.  On 30 vessels of ten phantoms beyond
#: the training population, looked at once by hand, the best phase was first in 53, 70, 67 and 60 % of them with 0, 0.5,
#: 0.6 and 0.7, and Spearman's rho of the order was 0.84, 0.88, 0.88 and 0.88.
TRAVEL_WEIGHT = 0.5
#: Travel that is known from one side counts so often where the only neighbour is ``SPAN_PERCENT`` away, and the less
#: the nearer that is: beyond rest a vessel moves the faster, the further one looks.  On the vessels of 48 development
#: hearts, in ten parts of the beat at steps of 10 %, the best phase was first in 55, 69, 75, 77, 77 and 78 % with 1,
#: 1.5, 2, 2.25, 2.5 and 3; at steps of 5 %, more than 2.25 begins to be too much (docs/accuracy.md).
ONE_SIDED = 2.25
#: The rest to be expected of a phase that has no neighbour, as a multiple of what was seen of it.  On the vessels of 48
#: development hearts, each of the ten phases in turn without neighbours, that phase was best in 15 % and first in 24,
#: 20, 16 and 11 % with 1, 0.8, 0.6 and 0.4; the best phase was first in 57.9, 58.7, 59.3 and 59.1 %.
EXPECTED_REST = 0.6
#: Added to the travel, mm: two centerlines that happen to coincide must not outweigh all else.
TRAVEL_FLOOR_MM = 0.1
#: Smallest standard deviation of the travel's logarithm: a tenth more or less.
LOG_TRAVEL_FLOOR = 0.1
#: Two phases nearer than a fifth of a standard deviation cannot be told apart by a reader either.
NEAR_TIE = 0.2
#: Half a standard deviation ahead is a clear winner.
CLEAR = 0.5
#: Scores are the same: the rounding of float32 network outputs.
TIE = 1e-6
#: Standard deviations below its worst phase that a missing vessel counts in the overall score.
MISSING_PENALTY = 1.0

#: How sure the first place is.
Confidence = Literal["clear", "close", "near-tie", "tie", "only-phase", "not-scored"]


@dataclass(frozen=True)
class PhaseScore:
    """What the network said of one vessel in one phase; or, with ``reason``, why it said nothing.

    ``percent`` is the phase's place in the R-R interval, ``travel`` how far the vessel moves around it; both where they
    are known.
    """

    phase: str
    quality: float | None = None
    ranking: float | None = None
    reason: str = ""
    percent: float | None = None
    travel: Travel | None = None

    @property
    def scored(self) -> bool:
        """Whether both network outputs are there."""
        return self.quality is not None and self.ranking is not None


@dataclass(frozen=True)
class PhasePlace:
    """One phase in its place: ``position`` from 1 (tied phases share one); ``score`` None when missing."""

    phase: str
    position: int
    score: float | None
    note: str = ""


@dataclass(frozen=True)
class PhaseOrder:
    """The phases from best to worst, those nearly tied with the best, and the order in words."""

    places: tuple[PhasePlace, ...]
    near_ties: tuple[str, ...]
    confidence: Confidence
    explanation: str

    @property
    def best(self) -> str | None:
        """The best phase; None when no phase was scored."""
        return self.places[0].phase if self.places and self.places[0].score is not None else None

    @property
    def runner_up(self) -> str | None:
        """The next best phase; None when fewer than two were scored."""
        scored = [place.phase for place in self.places if place.score is not None]
        return scored[1] if len(scored) > 1 else None


def rank_vessel(scores: Sequence[PhaseScore]) -> PhaseOrder:
    """Rank the phases of one vessel.

    Args:
        scores: one per phase (P), in the study's order.

    Returns:
        Every phase exactly once, best first.
    """
    scored = [score for score in scores if score.scored]
    weights = _beat_weights([score.percent for score in scored])
    quality = _z_scores(weights @ _values([score.quality for score in scored]), QUALITY_FLOOR)
    ranking = _z_scores(weights @ _values([score.ranking for score in scored]), RANKING_FLOOR)
    seen = RANKING_WEIGHT * ranking + (1 - RANKING_WEIGHT) * quality
    combined = _with_travel(seen, _values([_counted(score.travel) for score in scored]))
    points = {score.phase: float(value) for score, value in zip(scored, combined, strict=True)}
    return _order([score.phase for score in scores], points, {score.phase: _note(score) for score in scores})


def rank_overall(vessels: Mapping[str, PhaseOrder], phases: Sequence[str]) -> PhaseOrder:
    """Rank the phases for all vessels together.

    Args:
        vessels: order of the phases for each vessel, by its abbreviation.
        phases: every phase (P), in the study's order.
    """
    tables = {name: _points(order) for name, order in vessels.items()}
    tables = {name: table for name, table in tables.items() if table}
    points = {p: _mean_score(tables, p) for p in phases if any(p in table for table in tables.values())}
    notes = {phase: _missing_note(tables, phase) for phase in phases}
    return _order(phases, points, notes)


def _values(values: Sequence[float | None]) -> npt.NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)


def _beat_weights(percents: Sequence[float | None]) -> npt.NDArray[np.float64]:
    """How much each phase (columns) counts for each (rows), (P, P); rows sum to 1."""
    places = _values(percents)
    apart = np.abs(places[:, None] - places)
    apart = np.minimum(apart, 100.0 - apart)
    weights = np.exp(-((np.nan_to_num(apart, nan=np.inf) / SMOOTHING_PERCENT) ** 2) / 2)
    np.fill_diagonal(weights, 1.0)
    return weights / weights.sum(axis=1, keepdims=True)


def _note(score: PhaseScore) -> str:
    half = score.travel is not None and score.travel.one_sided is not None
    return "travel known from one side" if half else score.reason


def _counted(travel: Travel | None) -> float | None:
    """Travel as it counts, mm."""
    if travel is None:
        return None
    return travel.mm * ONE_SIDED ** ((travel.one_sided or 0) / SPAN_PERCENT)


def _with_travel(seen: npt.NDArray[np.float64], travels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """What was seen of each phase (P,) and its travel (P,), NaN where not known, as one score."""
    known = np.isfinite(travels)
    if not known.any():
        return seen
    rest = EXPECTED_REST * seen
    rest[known] = _z_scores(-np.log(travels[known] + TRAVEL_FLOOR_MM), LOG_TRAVEL_FLOOR)
    return TRAVEL_WEIGHT * rest + (1 - TRAVEL_WEIGHT) * seen


def _z_scores(values: npt.NDArray[np.float64], floor: float) -> npt.NDArray[np.float64]:
    return (values - values.mean()) / max(float(values.std()), floor) if values.size else values


def _points(order: PhaseOrder) -> dict[str, float]:
    return {place.phase: place.score for place in order.places if place.score is not None}


def _mean_score(tables: Mapping[str, Mapping[str, float]], phase: str) -> float:
    worst = {name: min(table.values()) - MISSING_PENALTY for name, table in tables.items()}
    return float(np.mean([table.get(phase, worst[name]) for name, table in tables.items()]))


def _missing_note(tables: Mapping[str, Mapping[str, float]], phase: str) -> str:
    missing = [name for name, table in tables.items() if phase not in table]
    return f"{' and '.join(missing)} not found in this phase" if missing else ""


def _order(phases: Sequence[str], points: Mapping[str, float], notes: Mapping[str, str]) -> PhaseOrder:
    ordered = sorted(points, key=lambda phase: (-points[phase], phases.index(phase)))
    ranked: list[PhasePlace] = []
    for place, phase in enumerate(ordered, start=1):
        tied = place > 1 and points[ordered[place - 2]] - points[phase] <= TIE
        position = ranked[-1].position if tied else place
        ranked.append(PhasePlace(phase, position, points[phase], notes.get(phase, "")))
    missing = [phase for phase in phases if phase not in points]
    last = len(ranked) + 1
    ranked += [PhasePlace(phase, last, None, notes.get(phase) or "not scored") for phase in missing]
    confidence = _confidence([points[phase] for phase in ordered])
    explanation = _explain(confidence, ordered, points, missing)
    return PhaseOrder(tuple(ranked), _near_ties(ordered, points), confidence, explanation)


def _near_ties(ordered: Sequence[str], points: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(phase for phase in ordered[1:] if points[ordered[0]] - points[phase] < NEAR_TIE)


def _confidence(scores: Sequence[float]) -> Confidence:
    """From the scores of the scored phases, best first."""
    if len(scores) < 2:
        return "only-phase" if scores else "not-scored"
    gap = scores[0] - scores[1]
    steps: tuple[tuple[float, Confidence], ...] = ((TIE, "tie"), (NEAR_TIE, "near-tie"), (CLEAR, "close"))
    return next((name for limit, name in steps if gap <= limit), "clear")


def _explain(
    confidence: Confidence, ordered: Sequence[str], points: Mapping[str, float], missing: Sequence[str]
) -> str:
    if not ordered:
        return "No phase could be scored."
    best = ordered[0]
    near = ", ".join(_near_ties(ordered, points))
    second = ordered[min(1, len(ordered) - 1)]
    gap = f"{points[best] - points[second]:.1f} standard deviations ahead of {second}"
    sentence = {
        "only-phase": f"{best} is the only phase that was scored, so it ranks first without a comparison.",
        "tie": f"{best} is tied with {near}.",
        "near-tie": f"{best} ranks first, but is nearly tied with {near}.",
        "close": f"{best} ranks first, closely: {gap}.",
        "clear": f"{best} ranks first clearly, {gap}.",
    }[confidence]
    return f"{sentence} Not scored, ranked last: {', '.join(missing)}." if missing else sentence
