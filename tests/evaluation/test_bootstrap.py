import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from scanserve.evaluation.bootstrap import Interval, bootstrap, ratio


def of(values, **options):
    return bootstrap([[value, 1] for value in values], ratio, **options)


def test_value_is_that_of_all_units():
    assert of([1, 2, 6]).value == 3


def test_interval_is_scipys():
    values = np.random.default_rng(3).normal(5, 2, 25)
    ours = of(values, resamples=20_000)
    theirs = stats.bootstrap((values,), np.mean, n_resamples=20_000, method="percentile").confidence_interval
    assert ours.low == pytest.approx(theirs.low, abs=0.06)
    assert ours.high == pytest.approx(theirs.high, abs=0.06)


def test_interval_covers_the_truth_as_often_as_it_says():
    """A percentile interval of 30 normal values covers a little less than its level."""
    rng = np.random.default_rng(0)
    covered = [
        found.low <= 0 <= found.high
        for found in (of(rng.normal(size=30), level=0.9, resamples=500) for _ in range(400))
    ]
    assert 0.83 <= np.mean(covered) <= 0.94


def test_whole_units_are_resampled():
    """Two units of many equal values each: the mean is that of one, the other, or both in halves."""
    found = bootstrap([[0, 100], [100, 100]], ratio)
    assert found == Interval(0.5, 0.0, 1.0)


def test_no_interval_of_one_unit_and_no_value_of_none():
    assert of([0.3]) == Interval(0.3, None, None)
    assert bootstrap([[0, 0], [0, 0]], ratio) == Interval(None, None, None)


def test_units_without_a_value_are_left_out_where_they_stand_alone():
    found = bootstrap([[0, 0], [2, 1]], ratio)
    assert found == Interval(2.0, 2.0, 2.0)


def test_same_seed_same_interval():
    assert of([1, 5, 2, 8], seed=4) == of([1, 5, 2, 8], seed=4)


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=20))
def test_interval_lies_within_the_values(values):
    found = of(values, resamples=200)
    assert min(values) - 1e-9 <= found.low <= found.high <= max(values) + 1e-9


def test_a_ratio_of_nothing_is_undefined():
    np.testing.assert_array_equal(ratio([[1, 2], [3, 0]]), [0.5, np.nan])


def test_an_interval_as_text():
    assert Interval(0.5, 0.25, 0.75).text(2) == "0.50 [0.25, 0.75]"
    assert Interval(0.5, None, None).text(3) == "0.500"
    assert Interval(None, None, None).text(2) == "-"
