"""Acceptance of a study: every published rule as a coded judgement, and the verdict that follows from all of them.

A judgement is made of every rule, whether it is met or not, so that a reader sees what was looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

__all__ = ["Confidence", "Judgement", "Outcome", "Verdict", "verdict_of"]

#: ``refused``: not analysed without an override.  ``warning``: analysed, but not as the rule demands, or the rule
#: could not be judged.  ``question``: nothing in a study shows it; whoever asks for the analysis must answer.
Outcome = Literal["met", "warning", "refused", "question"]
Confidence = Literal["low", "medium", "high"]
Verdict = Literal["eligible", "eligible with warnings", "refused"]


@dataclass(frozen=True)
class Judgement:
    """What became of one rule; free of patient data.

    Attributes:
        code: of the rule, in the catalogue.
        outcome: what follows.
        message: one sentence with the value seen.
        value: the value seen: a number in ``unit``, or a word; None where nothing was seen.
        unit: of the value, or ``""``.
        limit: what the rule demands, in words.
        tags: keywords of the DICOM attributes that it came from; empty where it was measured in the image alone.
        where: the place in the image, or ``""``.
        voxels: how many voxels were measured; None where it came from the header alone.
        confidence: how sure it is, where that is in doubt.
    """

    code: str
    outcome: Outcome
    message: str
    value: int | float | str | None = None
    unit: str = ""
    limit: str = ""
    tags: tuple[str, ...] = ()
    where: str = ""
    voxels: int | None = None
    confidence: Confidence | None = None


def verdict_of(judgements: Iterable[Judgement]) -> Verdict:
    """What follows from all of them; questions do not count.

    Example:
        >>> verdict_of([Judgement("matrix", "met", "The slices have 512 x 512 pixels.")])
        'eligible'
    """
    outcomes = {judgement.outcome for judgement in judgements}
    if "refused" in outcomes:
        return "refused"
    return "eligible with warnings" if "warning" in outcomes else "eligible"
