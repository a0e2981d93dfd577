import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scanserve.evaluation.agreement import confusion, quadratic_kappa

TABLES = arrays(np.int64, (4, 4), elements=st.integers(0, 30))


def test_confusion_counts_pairs():
    assert confusion([0, 0, 2], [0, 1, 2], 3).tolist() == [[1, 1, 0], [0, 0, 0], [0, 0, 1]]
    assert confusion([], [], 2).tolist() == [[0, 0], [0, 0]]


def test_two_classes_are_cohens_kappa():
    """The textbook table: 35 of 50 agree, 25 by chance."""
    assert quadratic_kappa([[20, 5], [10, 15]]) == pytest.approx((0.7 - 0.5) / (1 - 0.5))


def test_three_classes_by_hand():
    """Rows 4, 2, 4; columns 4, 2, 4.  Seen: 2 x 1.  By chance: (1 x 4 x (4 2 + 2 4) + 4 x 2 x 16) / 10 = 16."""
    table = [[3, 1, 0], [1, 1, 0], [0, 0, 4]]
    assert quadratic_kappa(table) == pytest.approx(1 - 2 / ((2 * (4 * 2 + 2 * 4) + 2 * 4 * 16) / 10))


def test_perfect_reversed_and_undefined():
    assert quadratic_kappa(np.eye(4)) == pytest.approx(1)
    assert quadratic_kappa(np.eye(4)[::-1]) == pytest.approx(-1)
    assert np.isnan(quadratic_kappa(np.zeros((4, 4))))
    assert np.isnan(quadratic_kappa([[5, 0], [0, 0]]))


def test_independent_classes_agree_by_chance():
    assert quadratic_kappa(np.outer([1, 2, 3], [2, 2, 2])) == pytest.approx(0)


@given(TABLES)
def test_exchange_of_truth_and_found_and_of_order(table):
    kappa = quadratic_kappa(table)
    assert quadratic_kappa(table.T) == pytest.approx(kappa, nan_ok=True)
    assert quadratic_kappa(table[::-1, ::-1]) == pytest.approx(kappa, nan_ok=True)
    assert np.isnan(kappa) or kappa <= 1 + 1e-12


@given(arrays(np.int64, (3, 4, 4), elements=st.integers(0, 30)))
def test_many_tables_at_once(tables):
    assert quadratic_kappa(tables).tolist() == pytest.approx(list(map(quadratic_kappa, tables)), nan_ok=True)
