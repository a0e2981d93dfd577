import numpy as np
import pytest

from scanserve.evaluation.dat.binding import (
    CAUDATE_LOST,
    GRADES,
    PUTAMEN_LOST,
    binding,
    grade_of,
    ratio_change,
)
from scanserve.phantoms.dat.grades import GRADES as DRAWN

MASKS = {
    name: np.eye(5, dtype=bool)[number][:, None].repeat(12, axis=1)
    for number, name in enumerate(
        ("caudate_right", "putamen_right", "caudate_left", "putamen_left", "background")
    )
}


def test_binding_is_the_ratio_minus_one_and_does_not_depend_on_the_scale():
    counts = np.array([8.0, 6, 4, 2, 2])[:, None].repeat(12, axis=1)
    assert binding(counts, MASKS) == pytest.approx([3, 2, 1, 0])
    assert binding(7 * counts, MASKS) == pytest.approx([3, 2, 1, 0])


def test_what_is_not_in_the_slices_is_not_measured():
    counts = np.ones((5, 12))
    few = {**MASKS, "caudate_left": np.zeros((5, 12), bool)}
    assert np.isnan(binding(counts, few)).tolist() == [False, False, True, False]
    assert np.isnan(binding(counts, {**MASKS, "background": np.zeros((5, 12), bool)})).all()
    assert np.isnan(binding(np.zeros((5, 12)), MASKS)).all()


def test_change_is_that_of_the_ratio():
    assert ratio_change(np.array([3.0, 0.0]), np.array([2.6, 0.1])) == pytest.approx([-0.1, 0.1])


@pytest.mark.parametrize(
    ("ratios", "grade"),
    [
        ((3, 3, 3, 3), 0),
        ((3, PUTAMEN_LOST - 0.1, 3, 3), 1),
        ((3, 3, 3, PUTAMEN_LOST - 0.1), 1),
        ((3, 0.5, 2, 0.7), 2),
        ((CAUDATE_LOST - 0.1, 0.5, 2, 0.7), 2),
        ((0.5, 0.2, 0.6, 0.1), 3),
        ((0.5, np.nan, 0.6, 0.1), None),
    ],
)
def test_grades(ratios, grade):
    assert grade_of(np.array(ratios, float)) == grade


def test_grades_are_those_that_are_drawn():
    assert GRADES == DRAWN
