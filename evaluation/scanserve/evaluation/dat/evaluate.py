"""Evaluate results of DaTSCAN denoising: read, compare each study, pool."""

from __future__ import annotations

from collections.abc import Sequence

from scanserve.client.dat.result import KIND, READABLE_VERSIONS, Result
from scanserve.contracts import InputError
from scanserve.evaluation.application import Progress
from scanserve.evaluation.dat.pool import pool
from scanserve.evaluation.dat.report import DatReport
from scanserve.evaluation.dat.study import StudyAccuracy, evaluate_study
from scanserve.evaluation.dat.truth import read_truth
from scanserve.evaluation.records import read_result_of
from scanserve.evaluation.studies import Pair

__all__ = ["evaluate"]


def evaluate(pairs: Sequence[Pair], progress: Progress | None = None) -> DatReport:
    """Evaluate one or many studies.

    Args:
        pairs: the studies; one without a result has no image, and is named and counted.
        progress: told after every study.

    Raises:
        InputError: code ``file-missing``, ``not-a-truth``, ``truth-version``, ``not-a-result``, ``result-version`` or
            ``other-slices``.
    """
    studies = []
    for done, pair in enumerate(pairs, start=1):
        studies.append(_one(pair))
        if progress:
            progress(done, len(pairs))
    return DatReport(tuple(studies), pool(studies))


def _one(pair: Pair) -> StudyAccuracy:
    """One study; an error says which one it is."""
    truth = read_truth(pair.truth)
    result = read_result_of(pair.result, Result, KIND, READABLE_VERSIONS) if pair.result else None
    try:
        return evaluate_study(pair.name, truth, result)
    except InputError as error:
        raise InputError(error.code, f"{pair.name}: {error.message}") from error
