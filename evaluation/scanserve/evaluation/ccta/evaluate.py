"""Evaluate results of coronary CT angiography: read, compare each study, pool."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from scanserve.client.ccta.result import Result
from scanserve.evaluation.application import Progress, evaluate_each
from scanserve.evaluation.ccta.aligned import read_result
from scanserve.evaluation.ccta.pool import pool
from scanserve.evaluation.ccta.report import CctaReport
from scanserve.evaluation.ccta.study import SPACING_MM, evaluate_study
from scanserve.evaluation.ccta.truth import Truth, read_truth
from scanserve.evaluation.studies import Pair

__all__ = ["evaluate"]


def evaluate(
    pairs: Sequence[Pair], progress: Progress | None = None, *, spacing_mm: float = SPACING_MM
) -> CctaReport:
    """Evaluate one or many studies.

    Args:
        pairs: the studies; a study without a result counts as a miss.
        progress: called after every study.
        spacing_mm: distance between samples on both centerlines; that of the framework is
            :data:`~scanserve.evaluation.centerline.FRAMEWORK_SPACING_MM`.

    Raises:
        InputError: code ``file-missing``, ``not-a-truth``, ``truth-version``, ``not-a-result``,
            ``result-version`` or ``no-common-phase``.
    """
    compare = partial(evaluate_study, spacing_mm=spacing_mm)
    studies = evaluate_each(pairs, _read, compare, progress)
    return CctaReport(studies, pool(studies), spacing_mm)


def _read(pair: Pair) -> tuple[Truth, Result | None]:
    return read_truth(pair.truth), read_result(pair.result) if pair.result else None
