"""The acceptance rule on motion, which only the quality model can judge."""

from __future__ import annotations

from collections.abc import Mapping

from scanserve.client.ccta.decision import Decision
from scanserve.client.ccta.scoring import ScoredVessel
from scanserve.contracts.ccta import QUALITY_CLASSES
from scanserve.preprocessing.acceptance import Confidence, Judgement

__all__ = ["judge_motion"]

#: Probabilities of the worst class from which it is believed little, and much.
_DOUBTFUL, _SURE = 0.6, 0.85
_WORST = QUALITY_CLASSES[0]


def judge_motion(scores: Mapping[str, ScoredVessel], decision: Decision) -> Judgement:
    """Whether a vessel is non-diagnostic even in its best phase.

    Args:
        scores: of every vessel that was found, by abbreviation.
        decision: which phase is best for each.
    """
    blurred = {}
    for name, scored in scores.items():
        best = scored.phases.get(decision.vessels[name].order.best or "")
        if best is not None and best.quality_class.grade == _WORST.grade:
            blurred[name] = float(best.class_probabilities[0])
    limit = f"no vessel {_WORST.name} in its best phase"
    if not blurred:
        message = f"No vessel is {_WORST.name} in its best phase."
        return Judgement("motion", "met", message, "none", "", limit, where="straightened vessels")
    message = f"Even in its best phase, {' and '.join(blurred)} is {_WORST.name}."
    return Judgement(
        "motion",
        "warning",
        message,
        ", ".join(blurred),
        "",
        limit,
        where="straightened vessels",
        confidence=_confidence(max(blurred.values())),
    )


def _confidence(probability: float) -> Confidence:
    if probability >= _SURE:
        return "high"
    return "low" if probability < _DOUBTFUL else "medium"
