from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")
from scanserve.contracts import InputError
from scanserve.training.ccta.datasets.course import check_trees, front_and_back, offset
from tests.support.tube_heart import DIAGONAL, LAD, LCX, RCA, dense

pytestmark = pytest.mark.torch


def test_a_line_is_judged_beyond_its_trunk() -> None:
    """30 mm to the left, then 40 mm backward: the mean of what is beyond is (30, 20, 0)."""
    line = dense(np.array([(5, 5, 5), (35, 5, 5), (35, 45, 5)], float))
    np.testing.assert_allclose(offset(line), (30, 20, 0), atol=0.2)


def test_a_short_line_is_judged_by_its_second_half() -> None:
    np.testing.assert_allclose(
        offset(dense(np.array([(0, 0, 0), (0, 0, -20)], float))), (0, 0, -15), atol=0.2
    )


def test_the_artery_in_front_is_told_from_the_one_behind() -> None:
    diagonal = np.concatenate([LAD[:3], DIAGONAL[1:]])
    assert front_and_back([dense(LCX), dense(diagonal), dense(LAD)]) == (2, 0)


@pytest.mark.parametrize("turn", [(1, 1, -1), (-1, -1, -1)], ids=["upside down", "in all three directions"])
def test_a_left_tree_that_runs_up_is_unclear(turn: tuple[int, int, int]) -> None:
    with pytest.raises(InputError) as caught:
        front_and_back([dense(line * turn) for line in (LAD, LCX)])
    assert caught.value.code == "course-unclear"


def test_a_left_tree_without_an_artery_behind_is_unclear() -> None:
    with pytest.raises(InputError, match="mm backward") as caught:
        front_and_back([dense(LAD), dense(LAD + np.array([0, 3, 0]))])
    assert caught.value.code == "course-unclear"


def test_the_right_tree_lies_to_the_right() -> None:
    check_trees(dense(RCA), dense(LAD))


@pytest.mark.parametrize(
    ("right", "left"),
    [
        (LAD, RCA),
        (RCA[::-1], LAD),
        (RCA * (1, -1, 1), LAD * (1, -1, 1)),
        (RCA * (1, 1, -1), LAD * (1, 1, -1)),
    ],
    ids=["left for right", "from its end", "back to front", "upside down"],
)
def test_trees_that_lie_otherwise_are_unclear(right: np.ndarray, left: np.ndarray) -> None:
    with pytest.raises(InputError, match="but lies") as caught:
        check_trees(dense(right), dense(left))
    assert caught.value.code == "course-unclear"
