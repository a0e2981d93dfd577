"""Evaluate results of DaTSCAN denoising: read, compare each study, pool."""

from __future__ import annotations

from collections.abc import Sequence

from scanserve.client.dat.result import KIND, READABLE_VERSIONS, Result
from scanserve.evaluation.application import Progress, evaluate_each
from scanserve.evaluation.dat.pool import pool
from scanserve.evaluation.dat.report import DatReport
from scanserve.evaluation.dat.study import evaluate_study
from scanserve.evaluation.dat.truth import Truth, read_truth
from scanserve.evaluation.records import read_result_of
from scanserve.evaluation.studies import Pair

__all__ = ["evaluate"]


def evaluate(pairs: Sequence[Pair], progress: Progress | None = None) -> DatReport:
    """Evaluate one or many studies.

    Args:
        pairs: the studies; a study without a result is named and counted.
        progress: called after every study.

    Raises:
        InputError: code ``file-missing``, ``not-a-truth``, ``truth-version``, ``not-a-result``, ``result-version`` or
            ``other-slices``.
    """
    studies = evaluate_each(pairs, _read, evaluate_study, progress)
    return DatReport(studies, pool(studies))


def _read(pair: Pair) -> tuple[Truth, Result | None]:
    truth = read_truth(pair.truth)
    return truth, read_result_of(pair.result, Result, KIND, READABLE_VERSIONS) if pair.result else None
