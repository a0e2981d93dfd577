import numpy as np
import pytest
from scipy.stats import norm

from scanserve.evaluation.posthoc import dunn, friedman, holm

#: Three methods on four subjects, always in the same order: mean ranks 1, 2, 3.
ORDERED = np.array([[1.0, 2, 3], [4, 5, 6], [0, 5, 9], [2, 3, 7]])


def test_friedman_of_one_order_is_closed_form():
    """12 / (N K (K + 1)) sum R^2 - 3 N (K + 1) = 12 / 48 (16 + 64 + 144) - 48 = 8."""
    found = friedman(ORDERED)
    assert found.chi_square == pytest.approx(8)
    assert found.p == pytest.approx(np.exp(-4))  # chi-square with 2 degrees of freedom
    assert found.subjects == 4


@pytest.mark.parametrize("values", [ORDERED[:, :2], ORDERED[:1], np.ones((4, 3))])
def test_friedman_is_not_defined(values):
    assert friedman(values) is None


def test_dunn_by_hand():
    """The standard error is sqrt(3 * 4 / (6 * 4)) = sqrt(1/2); ranks differ by 1 and by 2."""
    found = {(pair.first, pair.second): pair for pair in dunn(ORDERED)}
    assert found[0, 1].z == pytest.approx(-np.sqrt(2))
    assert found[0, 2].z == pytest.approx(-2 * np.sqrt(2))
    assert found[1, 2].z == pytest.approx(-np.sqrt(2))
    assert found[0, 2].p == pytest.approx(2 * norm.sf(2 * np.sqrt(2)))
    assert found[0, 2].p_holm == pytest.approx(3 * found[0, 2].p)
    assert found[0, 1].p_holm == pytest.approx(2 * found[0, 1].p)


def test_dunn_of_ties_is_nothing():
    for pair in dunn(np.ones((5, 3))):
        assert (pair.z, pair.p, pair.p_holm) == (0, 1, 1)


def test_dunn_does_not_depend_on_the_order_of_subjects_and_turns_with_that_of_methods():
    values = np.random.default_rng(0).random((9, 4))
    assert dunn(values[::-1]) == dunn(values)
    turned = {(pair.first, pair.second): pair.z for pair in dunn(values[:, ::-1])}
    assert turned[0, 3] == pytest.approx(-{(pair.first, pair.second): pair.z for pair in dunn(values)}[0, 3])


def test_holm_by_hand():
    """Of 4: 0.005 * 4, 0.01 * 3, 0.03 * 2, 0.04 * 1, none below the one before."""
    assert holm([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.9]).tolist() == [1, 1]
    assert holm([0.2]).tolist() == [0.2]
