import numpy as np
import pytest

from scanserve.evaluation.ccta.metrics import CENTERLINE_METRICS, QUALITY_METRICS, RANKING_METRICS
from scanserve.evaluation.ccta.study import evaluate_study
from scanserve.evaluation.ccta.truth import Truth

ALL = (*CENTERLINE_METRICS, *QUALITY_METRICS, *RANKING_METRICS)


def test_names_are_distinct():
    assert len({metric.name for metric in ALL}) == len(ALL)
    assert len({metric.label for metric in ALL}) == len(ALL)


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.name)
def test_of_nothing_found_it_is_the_worst_or_undefined(made, metric):
    study = evaluate_study("s", Truth.model_validate(made.truth()), None)
    item = study.overall if metric in RANKING_METRICS else study.vessels[0]
    summands = metric.summands(item)
    value = metric.statistic(summands)
    of_lines, of_quality = {"ai_mm", "false_share"}, {"class_kappa", "section_correlation"}
    undefined = of_lines | of_quality | {"excess_blur_mm", "spearman", "kendall"}
    assert np.isnan(value) if metric.name in undefined else value == 0
    assert metric.statistic(np.stack([summands, summands])).shape == (2,)
