import pytest

from scanserve.preprocessing.acceptance import Judgement, verdict_of


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ([], "eligible"),
        (["met", "question"], "eligible"),
        (["met", "warning", "question"], "eligible with warnings"),
        (["warning", "refused", "met"], "refused"),
    ],
)
def test_the_worst_outcome_decides(outcomes, verdict):
    assert verdict_of([Judgement("matrix", outcome, "x.") for outcome in outcomes]) == verdict
