from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")
from scanserve.contracts import InputError
from scanserve.training.ccta.datasets.lines import draw_lines
from tests.support.tube_heart import DIAGONAL, LAD, LCX, RCA, dense, distance_to

pytestmark = pytest.mark.torch

BRANCH = np.concatenate([LAD[:3], DIAGONAL[1:]])
#: From the ostium along the RCA, then forward off it.
MARGINAL = np.array([(-13, -8, 0), (-40, -25, -12), (-45, -40, -50)], float)
RAMUS = np.array([(13, 4, 4), (26, 2, 2), (66, 20, -40)], float)


def by_name(*lines: np.ndarray) -> dict[str, list[np.ndarray]]:
    return {vessel.vessel: vessel.lines for vessel in draw_lines([dense(line) for line in lines])}


@pytest.mark.parametrize("order", [(RCA, LAD, LCX), (LCX, RCA, LAD), (LAD, LCX, RCA)])
def test_names_follow_the_course_in_any_order(order: tuple[np.ndarray, ...]) -> None:
    found = by_name(*order)
    for name, line in (("RCA", RCA), ("LAD", LAD), ("LCX", LCX)):
        (main,) = found[name]
        assert distance_to(line, main).max() < 0.1
        np.testing.assert_allclose(main[0], line[0])


def test_a_side_branch_begins_where_it_leaves_its_artery() -> None:
    _, branch = by_name(RCA, LAD, LCX, BRANCH)["LAD"]
    assert np.linalg.norm(branch[0] - DIAGONAL[0]) < 3.0
    np.testing.assert_allclose(branch[-1], DIAGONAL[-1])


def test_a_side_branch_may_be_of_the_right_artery() -> None:
    main, branch = by_name(RCA, LAD, LCX, MARGINAL)["RCA"]
    np.testing.assert_allclose(main[-1], RCA[-1])
    np.testing.assert_allclose(branch[-1], MARGINAL[-1])
    assert np.linalg.norm(branch[0] - MARGINAL[1]) < 4.0


def test_a_branch_at_the_fork_goes_with_the_nearer_artery() -> None:
    assert len(by_name(RCA, LAD, LCX, RAMUS)["LCX"]) == 2
    assert len(by_name(RCA, LAD, LCX, RAMUS * (1, -1, 1))["LAD"]) == 2


def test_a_line_that_is_all_another_adds_nothing() -> None:
    assert len(by_name(RCA, LAD, LCX, LAD)["LAD"]) == 1


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ((RCA,), "1 places"),
        ((LAD, LCX), "1 places"),
        ((RCA, LAD), "two lines"),
        ((RCA, LAD, LCX, LCX + np.array([0, 40, 0])), "3 places"),
        ((RCA, LAD[::-1], LCX), "3 places"),
    ],
)
def test_lines_that_leave_a_name_open_are_refused(lines: tuple[np.ndarray, ...], what: str) -> None:
    with pytest.raises(InputError, match=what) as caught:
        by_name(*lines)
    assert caught.value.code == "course-unclear"
