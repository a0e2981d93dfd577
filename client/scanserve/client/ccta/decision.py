"""Where the best phase is decided: travel, the order of the phases, the best sections joined, and what must be said.

travel.py      how far each vessel moves around each phase
ranking.py     the order of the phases, per vessel and overall
recombine.py   the phase that ranks first, joined with others where they are better
caveats.py     what a reader must know before believing the answer
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scanserve.client.ccta.analysis import Analysis
from scanserve.client.ccta.caveats import caveats_of
from scanserve.client.ccta.phases import FoundPhase
from scanserve.client.ccta.ranking import PhaseOrder, PhaseScore, rank_overall, rank_vessel
from scanserve.client.ccta.recombine import Recombined, recombine
from scanserve.client.ccta.scoring import QualityScores, ScoredVessel
from scanserve.client.ccta.travel import Travel, travel
from scanserve.client.runs.timing import Stopwatch
from scanserve.contracts.ccta import VESSELS
from scanserve.preprocessing import Finding

__all__ = ["Decision", "JoinedVessel", "VesselDecision", "decide"]

#: Around each phase, in the study's order; None where it is not known.
Travels = Sequence[Travel | None]


@dataclass(frozen=True)
class JoinedVessel:
    """The best-of-phases image of a vessel; its sources are indices of ``phases``, which are labels."""

    recombined: Recombined
    phases: tuple[str, ...]


@dataclass(frozen=True)
class VesselDecision:
    """What was decided about one vessel.

    Attributes:
        order: the phases from best to worst.
        travels: how far it moves around each phase, in the study's order; None where it is not known.
        joined: None where it was found in no phase.
        absent: the reason for that, None where it was found.
    """

    order: PhaseOrder
    travels: Travels
    joined: JoinedVessel | None
    absent: Finding | None


@dataclass(frozen=True)
class Decision:
    """The best phase overall and of each vessel, by abbreviation in the order of ``VESSELS``, with the caveats."""

    overall: PhaseOrder
    vessels: Mapping[str, VesselDecision]
    caveats: tuple[Finding, ...]


def decide(analysis: Analysis, stopwatch: Stopwatch) -> Decision:
    """Decide which phases are best; ``stopwatch`` records how long the images took to be joined."""
    names = [vessel.abbreviation for vessel in VESSELS]
    travels = {name: _travels(name, analysis.phases) for name in names}
    orders = {name: _order(name, analysis, travels[name]) for name in names}
    overall = rank_overall(orders, analysis.labels)
    with stopwatch.span("recombine"):
        joined = {name: _join(scored, orders[name]) for name, scored in analysis.scores.items()}
    vessels = {
        name: VesselDecision(orders[name], travels[name], joined.get(name), _absence(name, analysis))
        for name in names
    }
    return Decision(overall, vessels, tuple(caveats_of(analysis, overall, orders, travels)))


def _travels(name: str, phases: Sequence[FoundPhase]) -> Travels:
    trees = [found.vessels[name].tree for found in phases]
    lines = [None if tree is None else tree.path_points() for tree in trees]
    return travel([found.phase.percent for found in phases], lines)


def _order(name: str, analysis: Analysis, travels: Travels) -> PhaseOrder:
    scored = analysis.scores.get(name)
    return rank_vessel(
        [
            _phase_score(name, found, scored.phases.get(found.label) if scored else None, moved)
            for found, moved in zip(analysis.phases, travels, strict=True)
        ]
    )


def _phase_score(
    name: str, found: FoundPhase, scores: QualityScores | None, moved: Travel | None
) -> PhaseScore:
    if scores is None:
        reason = found.vessels[name].reason
        return PhaseScore(found.label, reason="" if reason is None else reason.message)
    percent = found.phase.percent
    return PhaseScore(found.label, scores.quality, scores.ranking, percent=percent, travel=moved)


def _join(scored: ScoredVessel, order: PhaseOrder) -> JoinedVessel:
    labels = list(scored.phases)
    scores = list(scored.phases.values())
    recombined = recombine(
        [phase.image for phase in scores],
        [phase.length_mm for phase in scores],
        np.stack([phase.section_quality for phase in scores]),
        labels.index(order.best) if order.best else 0,
    )
    return JoinedVessel(recombined, tuple(labels))


def _absence(name: str, analysis: Analysis) -> Finding | None:
    """Why a vessel was found in no phase: the reason of the phase in which it was seen best."""
    if name in analysis.scores:
        return None
    seen = [found.vessels[name] for found in analysis.phases]
    reasons = [(vessel.presence, vessel.reason.code, vessel.reason) for vessel in seen if vessel.reason]
    return max(reasons, key=lambda entry: (entry[0], entry[1], entry[2].message))[2]
