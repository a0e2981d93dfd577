from types import SimpleNamespace

import pytest

from scanserve.client.ccta.motion import judge_motion
from scanserve.contracts.ccta import QUALITY_CLASSES


def judged(worst):
    """Of a vessel whose best phase is of the worst class with probability ``worst``; of another class below 0.5."""
    grade = 0 if worst >= 0.5 else 2
    phase = SimpleNamespace(
        quality_class=QUALITY_CLASSES[grade], class_probabilities=[worst, 0, 1 - worst, 0]
    )
    scores = {"RCA": SimpleNamespace(phases={"70 %": phase})}
    vessels = {"RCA": SimpleNamespace(order=SimpleNamespace(best="70 %"))}
    return judge_motion(scores, SimpleNamespace(vessels=vessels))


@pytest.mark.parametrize(
    ("worst", "outcome", "confidence"),
    [(0.1, "met", None), (0.55, "warning", "low"), (0.7, "warning", "medium"), (0.9, "warning", "high")],
)
def test_a_vessel_blurred_even_in_its_best_phase_warns(worst, outcome, confidence):
    found = judged(worst)
    assert (found.outcome, found.confidence) == (outcome, confidence)


def test_a_vessel_found_nowhere_is_not_judged():
    assert judge_motion({}, SimpleNamespace(vessels={})).outcome == "met"
