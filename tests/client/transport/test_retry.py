import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanserve.client.transport import Retry
from scanserve.contracts import InputError


def highest(_low, high):
    return high


def test_waits_double_up_to_the_cap():
    retry = Retry(5, base_s=1.0, cap_s=4.0, uniform=highest)
    assert [retry.delay(n, 100.0) for n in range(5)] == [1.0, 2.0, 4.0, 4.0, 4.0]


def test_jitter_is_full():
    asked = []
    retry = Retry(1, base_s=2.0, uniform=lambda low, high: asked.append((low, high)) or low)
    assert retry.delay(0, 1.0) == 0.0
    assert asked == [(0.0, 2.0)]


def test_gives_up_after_the_last_retry():
    assert Retry(2).delay(2, 100.0) is None
    assert Retry(0).delay(0, 100.0) is None


def test_gives_up_when_the_wait_would_reach_the_deadline():
    retry = Retry(5, base_s=1.0, uniform=highest)
    assert retry.delay(0, 1.5) == 1.0
    assert retry.delay(0, 1.0) is None


def test_the_time_that_the_server_says_is_kept_and_spread():
    asked = []
    retry = Retry(1, uniform=lambda low, high: asked.append((low, high)) or high)
    assert retry.delay_told(2.0, 100.0) == 2.5
    assert asked == [(0.0, 0.5)]


def test_a_time_beyond_the_deadline_is_not_waited_for():
    assert Retry(1, uniform=highest).delay_told(2.0, 2.5) is None
    assert Retry(1, uniform=highest).delay_told(2.0, 2.6) == 2.5


def test_no_retries_means_none():
    assert Retry(0).delay_told(0.1, 100.0) is None


@settings(deadline=None)
@given(st.integers(0, 20), st.floats(0, 100))
def test_wait_stays_inside_deadline_and_cap(retry, remaining):
    wait = Retry(20).delay(retry, remaining)
    assert wait is None or 0 <= wait < remaining or wait == 0 < remaining
    assert wait is None or wait <= 8.0


def test_negative_numbers_are_refused():
    with pytest.raises(InputError) as caught:
        Retry(-1)
    assert caught.value.code == "retry-policy"
