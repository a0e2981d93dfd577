import itertools
import math

import numpy as np
import pytest

from scanserve.contracts.ccta import QUALITY_CLASSES
from scanserve.evaluation.ccta.phase import evaluate_phase, true_class
from scanserve.evaluation.ccta.truth import Truth


@pytest.fixture(scope="module")
def vessel(made):
    return Truth.model_validate(made.truth()).vessels[0]


def test_found_phase(made, vessel):
    entry = made.result().vessels[0].phases[1]
    found = evaluate_phase(vessel, vessel.phases[1], entry, [], 0.25)
    assert (found.percent, found.blur_mm, found.miss) == (40, 2.0, None)
    assert found.detected
    assert (found.centerline.ov, found.tree.branches) == (1, (1.0,))
    assert QUALITY_CLASSES[found.found_class].name == "adequate"
    assert found.sections.shape == (15, 2)  # 120 mm in sections of 8 mm
    assert found.sections[0] == pytest.approx([1 / 3, 2.0])


def test_sections_that_were_not_scored_stay(made, vessel):
    entry = made.result(length_mm=40.0, branch=False).vessels[0].phases[1]
    quality = evaluate_phase(vessel, vessel.phases[1], entry, [], 0.25).sections[:, 0]
    assert np.isfinite(quality).tolist() == [True] * 5 + [False] * 10


@pytest.mark.parametrize("code", ["no-result", "no-vessel", "no-phase"])
def test_nothing_is_said_of_the_phase(vessel, code):
    found = evaluate_phase(vessel, vessel.phases[0], code, [], 0.25)
    assert (found.miss, found.detected, found.found_class) == (code, False, None)
    assert (found.centerline.ov, found.tree.found_mm) == (0, 0)


def test_tree_without_a_score_is_no_miss(made, vessel):
    entry = made.result().vessels[0].phases[0].model_copy(update={"quality": None, "found": False})
    found = evaluate_phase(vessel, vessel.phases[0], entry, [], 0.25)
    assert (found.miss, found.detected, found.found_class) == (None, True, None)


def test_classes_have_their_borders_at_geometric_means():
    for number, item in enumerate(QUALITY_CLASSES):
        assert true_class(item.blur_mm) == number
    for number, (worse, better) in enumerate(itertools.pairwise(QUALITY_CLASSES)):
        border = math.sqrt(worse.blur_mm * better.blur_mm)
        assert true_class(border * 1.01) == number
        assert true_class(border * 0.99) == number + 1
    assert true_class(0.0) == len(QUALITY_CLASSES) - 1
    assert true_class(50.0) == 0
