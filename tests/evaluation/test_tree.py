import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanserve.contracts import InputError
from scanserve.evaluation.tree import TOLERANCE_MM, Coverage, TreeAccuracy, compare_trees, cover_trees


def line(start, end, count=41):
    return np.linspace(start, end, count)


#: Main path 40 mm along x; a branch of 20 mm along y from its middle; another vessel far away.
MAIN, BRANCH, OTHER = (
    line((0, 0, 0), (40, 0, 0)),
    line((20, 0, 0), (20, 20, 0)),
    line((0, 0, 30), (40, 0, 30)),
)


def tree(*lines):
    """Points and parents of lines that each start anew."""
    points = np.concatenate(lines)
    parent = np.concatenate(
        [np.r_[-1, np.arange(len(line) - 1) + offset] for line, offset in _offsets(lines)]
    )
    return points, parent


def _offsets(lines):
    return zip(lines, np.cumsum([0, *map(len, lines)])[:-1], strict=True)


def compare(*lines, truth=(MAIN, BRANCH), others=(OTHER,)):
    return compare_trees(*tree(*lines), truth, others)


def test_everything_found():
    found = compare(MAIN, BRANCH)
    assert found == TreeAccuracy((1.0,), *(pytest.approx(v) for v in (60, 60, 60)), 0, 0)
    assert (found.branch_recall, found.length_recall, found.false_share) == (1, pytest.approx(1), 0)


def test_only_the_main_path_found():
    found = compare(MAIN)
    assert found.branches == (0.0,)
    assert found.branch_recall == 0
    # of the branch, what is within the tolerance of its parent lies on it
    assert found.length_recall == pytest.approx((40 + TOLERANCE_MM) / 60, abs=0.005)


def test_half_a_branch_is_found():
    """Own part: 3 to 20 mm; found up to 11.5 mm and covered a tolerance farther: just more than half."""
    assert compare(MAIN, line((20, 0, 0), (20, 11.5, 0))).branch_recall == 1
    assert compare(MAIN, line((20, 0, 0), (20, 9.5, 0))).branch_recall == 0


def test_false_stretch():
    found = compare(MAIN, BRANCH, line((40, 0, 0), (40, -20, 0)))
    assert found.false_mm == pytest.approx(20 - TOLERANCE_MM, abs=0.25)
    assert found.false_share == pytest.approx(found.false_mm / 80)
    assert found.other_vessel_mm == 0


def test_stretch_on_another_vessel_is_not_false():
    found = compare(MAIN, OTHER)
    assert found.false_mm == 0
    assert found.other_vessel_mm == pytest.approx(40)
    assert compare(MAIN, OTHER, others=()).false_mm == pytest.approx(40)


def test_branch_beside_its_parent_is_not_counted():
    beside = line((10, 0, 0), (30, 2, 0))
    found = compare(MAIN, truth=(MAIN, beside, BRANCH))
    assert found.branches == (None, 0.0)
    assert (found.branches_counted, found.branches_found) == (1, 0)


def test_vessel_without_side_branches():
    assert compare(MAIN, truth=(MAIN,)).branch_recall is None


def test_nothing_found():
    found = compare_trees(np.empty((0, 3)), [], [MAIN, BRANCH], [OTHER])
    assert found.branches == (0.0,)
    assert (found.found_mm, found.covered_mm, found.false_mm) == (0, 0, 0)
    assert found.length_recall == 0
    assert found.false_share is None


@given(st.floats(0, 2 * TOLERANCE_MM), st.integers(5, 200))
def test_parallel_line_is_right_within_the_tolerance(aside, count):
    found = compare(line((0, 0, aside), (40, 0, aside), count), truth=(MAIN,))
    wrong = aside > TOLERANCE_MM
    near = abs(aside - TOLERANCE_MM) < 0.02  # pieces have a length
    assert near or found.false_mm == pytest.approx(40.0 * wrong)
    assert near or found.covered_mm == pytest.approx(40.0 * (not wrong), abs=0.5)


@given(st.integers(2, 300))
def test_lengths_do_not_depend_on_the_number_of_points(count):
    found = compare(line((0, 0, 0), (40, 0, 0), count), truth=(MAIN,))
    assert found.found_mm == pytest.approx(40)
    assert found.covered_mm == pytest.approx(40, abs=0.01)


@pytest.mark.parametrize("parent", [[-1, 0], [-1, 0, 3], [-2, 0, 1]])
def test_bad_tree(parent):
    with pytest.raises(InputError) as caught:
        compare_trees(np.zeros((3, 3)), parent, [MAIN])
    assert caught.value.code == "tree-invalid"


def test_the_lengths_on_each_other():
    """Half of the main path, 1 mm beside it, and 30 mm that lie on nothing."""
    beside = line((0, 1, 0), (20, 1, 0))
    far = line((0, 0, -20), (30, 0, -20))
    found = cover_trees(*tree(beside, far), (MAIN, BRANCH), 2.0)
    assert found == Coverage(*(pytest.approx(mm, abs=0.3) for mm in (60, 20 + 3**0.5 + (3**0.5 + 1), 50, 20)))
    assert cover_trees(*tree(beside), (MAIN,), 0.5).covered_mm == 0


def test_nothing_found_covers_nothing():
    assert cover_trees(np.empty((0, 3)), [], (MAIN,), 2.0) == Coverage(pytest.approx(40), 0, 0, 0)
