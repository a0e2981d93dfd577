import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanserve.phantoms.ccta.motion import sample_curve, sub_times, travelled_mm


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.floats(0, 100))
def test_curves_have_the_period_100_and_start_at_zero(seed, percent):
    curve = sample_curve(np.random.default_rng(seed))
    assert curve(percent + 100) == pytest.approx(curve(percent), abs=1e-9)
    assert curve(0.0) == pytest.approx(0, abs=1e-12)
    assert curve(99.9999) == pytest.approx(curve(100.0001), abs=1e-4)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000))
def test_end_systole_is_a_full_contraction(seed):
    curve = sample_curve(np.random.default_rng(seed))
    assert 0.8 < curve(np.arange(100)).max() < 1.1


def test_sub_times_fill_the_window():
    assert sub_times(50, 10, 5) == pytest.approx([46, 48, 50, 52, 54])


def test_the_way_counts_there_and_back():
    there_and_back = np.array([[[0, 0, 0]], [[3, 4, 0]], [[0, 0, 0]]], float)
    assert travelled_mm(there_and_back) == pytest.approx([10])
