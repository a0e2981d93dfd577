import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanserve.contracts import InputError
from scanserve.evaluation.ranking import RankingAccuracy, compare_ranking, rank_correlation

BLUR = (3.0, 1.0, 0.2, 2.0)
NAN = np.nan


def test_true_order():
    found = compare_ranking(BLUR, [4, 2, 1, 3])
    assert found == RankingAccuracy(2, True, True, True, 0.0, pytest.approx(1), pytest.approx(1))


def test_reversed_order():
    found = compare_ranking(BLUR, [1, 3, 4, 2])
    assert found == RankingAccuracy(
        0, False, False, False, pytest.approx(2.8), pytest.approx(-1), pytest.approx(-1)
    )


def test_best_phase_second():
    found = compare_ranking(BLUR, [4, 1, 2, 3])
    assert (found.top1, found.top2) == (False, True)
    assert found.excess_blur_mm == pytest.approx(0.8)
    # one exchange of neighbours among 4: rho = 1 - 6 * 2 / 60, tau = (5 - 1) / 6
    assert found.spearman == pytest.approx(0.8)
    assert found.kendall == pytest.approx(4 / 6)


def test_phase_without_a_place_comes_last():
    assert compare_ranking(BLUR, [NAN, 2, 1, 3]) == compare_ranking(BLUR, [4, 2, 1, 3])
    missed = compare_ranking(BLUR, [3, 1, NAN, 2])
    assert (missed.top1, missed.top2) == (False, False)
    assert missed.spearman == compare_ranking(BLUR, [3, 1, 4, 2]).spearman


def test_no_phase_has_a_place():
    assert compare_ranking(BLUR, [NAN] * 4) == RankingAccuracy(None, False, False, False, None, None, None)


def test_tie_goes_to_the_earlier_phase():
    assert compare_ranking(BLUR, [3, 1, 1, 4]).chosen == 1


def test_equally_good_phases_are_both_best():
    assert compare_ranking([1.0, 1.0, 2.0], [2, 1, 3]).top1
    assert compare_ranking([1.0, 1.0, 2.0], [1, 2, 3]).top1


def test_a_first_phase_that_looks_like_the_best_is_near():
    assert compare_ranking([0.2, 0.29, 2.0], [2, 1, 3]).near
    assert not compare_ranking([0.2, 0.31, 2.0], [2, 1, 3]).near


def test_few_phases_decide_nothing():
    assert compare_ranking([1.0], [1]) == RankingAccuracy(0, None, None, None, 0.0, None, None)
    assert compare_ranking([1.0, 2.0], [2, 1]).top2 is None
    assert compare_ranking([1.0, 2.0], [2, 1]).top1 is False


@given(st.lists(st.floats(0.1, 5), min_size=3, max_size=12, unique=True), st.randoms())
def test_bounds_and_symmetry(blur, random):
    place = list(range(1, len(blur) + 1))
    random.shuffle(place)
    found, mirrored = compare_ranking(blur, place), compare_ranking(blur, [-p for p in place])
    assert found.spearman == pytest.approx(-mirrored.spearman)
    assert found.kendall == pytest.approx(-mirrored.kendall)
    assert found.excess_blur_mm >= 0
    assert found.top2 or not found.top1
    assert found.near or not found.top1


def test_rank_correlation_is_undefined_without_spread():
    assert rank_correlation([1, 1], [1, 2]) is None
    assert rank_correlation([], []) is None
    assert rank_correlation([1, 2, 3], [1, 4, 9]) == pytest.approx(1)


@pytest.mark.parametrize(("blur", "place"), [([], []), ([1, 2], [1]), ([[1]], [[1]])])
def test_bad_input(blur, place):
    with pytest.raises(InputError) as caught:
        compare_ranking(blur, place)
    assert caught.value.code == "ranking-shape"
