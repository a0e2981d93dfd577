"""Evaluate results of coronary CT angiography: read, compare each study, pool."""

from __future__ import annotations

from collections.abc import Sequence

from scanserve.contracts import InputError
from scanserve.evaluation.application import Progress
from scanserve.evaluation.ccta.aligned import read_result
from scanserve.evaluation.ccta.pool import pool
from scanserve.evaluation.ccta.report import CctaReport
from scanserve.evaluation.ccta.study import SPACING_MM, StudyAccuracy, evaluate_study
from scanserve.evaluation.ccta.truth import read_truth
from scanserve.evaluation.studies import Pair

__all__ = ["evaluate"]


def evaluate(
    pairs: Sequence[Pair], progress: Progress | None = None, *, spacing_mm: float = SPACING_MM
) -> CctaReport:
    """Evaluate one or many studies.

    Args:
        pairs: the studies; one without a result counts as a miss.
        progress: told after every study.
        spacing_mm: distance of the samples on both centerlines; the framework's is
            :data:`~scanserve.evaluation.centerline.FRAMEWORK_SPACING_MM`.

    Raises:
        InputError: code ``missing-file``, ``not-a-truth``, ``truth-version``, ``not-a-result``,
            ``result-version`` or ``no-common-phase``.
    """
    studies = []
    for done, pair in enumerate(pairs, start=1):
        studies.append(_one(pair, spacing_mm))
        if progress:
            progress(done, len(pairs))
    return CctaReport(tuple(studies), pool(studies), spacing_mm)


def _one(pair: Pair, spacing_mm: float) -> StudyAccuracy:
    """One study; an error says which one it is."""
    truth = read_truth(pair.truth)
    result = read_result(pair.result) if pair.result else None
    try:
        return evaluate_study(pair.name, truth, result, spacing_mm)
    except InputError as error:
        raise InputError(error.code, f"{pair.name}: {error.message}") from error
