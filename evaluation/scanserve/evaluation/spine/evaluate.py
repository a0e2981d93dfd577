"""Evaluate results of vertebra keypoints: read, compare each film, pool."""

from __future__ import annotations

from collections.abc import Sequence

from scanserve.client.spine.result import KIND, READABLE_VERSIONS, Result
from scanserve.evaluation.application import Progress, evaluate_each
from scanserve.evaluation.records import read_result_of
from scanserve.evaluation.spine.pool import pool
from scanserve.evaluation.spine.readings import FILE, Readings, read_readings
from scanserve.evaluation.spine.report import SpineReport
from scanserve.evaluation.spine.study import evaluate_study
from scanserve.evaluation.spine.truth import Truth, read_truth
from scanserve.evaluation.studies import Pair

__all__ = ["evaluate"]


def evaluate(pairs: Sequence[Pair], progress: Progress | None = None) -> SpineReport:
    """Evaluate one or many films.

    Args:
        pairs: the studies; a study without a result is named and counts as a failure.
        progress: called after every study.

    Raises:
        InputError: code ``file-missing``, ``not-a-truth``, ``truth-version``, ``not-a-result``, ``result-version`` or
            ``other-film``.
    """
    studies = evaluate_each(pairs, _read, evaluate_study, progress)
    return SpineReport(studies, pool(studies))


def _read(pair: Pair) -> tuple[Truth, tuple[Result, Readings | None] | None]:
    truth = read_truth(pair.truth)
    if pair.result is None:
        return truth, None
    result = read_result_of(pair.result, Result, KIND, READABLE_VERSIONS)
    return truth, (result, read_readings(pair.result.parent / FILE))
