import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanserve.client.ccta.travel import Travel, line_distance, travel

LINE = np.stack([np.arange(0, 60, 0.5), np.zeros(120), np.zeros(120)], axis=1)


def shifted(mm: float) -> np.ndarray:
    return LINE + np.array([0.0, mm, 0.0])


def test_the_distance_of_parallel_lines_is_their_shift():
    assert line_distance(LINE, shifted(1.25)) == pytest.approx(1.25)


def test_a_line_cut_short_at_either_end_is_as_near_as_it_was():
    """A vessel that was followed further in one phase has not moved for that."""
    assert line_distance(LINE[:60], shifted(1.25)) == pytest.approx(1.25, abs=0.01)
    assert line_distance(LINE[30:], shifted(1.25)) == pytest.approx(1.25, abs=0.01)


def test_lines_that_do_not_run_beside_each_other_have_no_distance():
    assert line_distance(LINE, shifted(40.0)) is None
    assert line_distance(LINE[:3], shifted(1.0)[:3]) is None


def test_a_phase_moves_by_the_mean_of_before_and_after():
    """Places 0, 1 and 3 mm at 60, 70 and 80 %; the ends have one neighbour each."""
    found = travel([60.0, 70.0, 80.0], [shifted(0), shifted(1), shifted(3)])
    assert [moved.mm for moved in found] == pytest.approx([1.0, 1.5, 2.0])
    assert [moved.one_sided for moved in found] == [10, None, 10]


def test_one_lost_phase_of_ten_is_looked_across():
    """Without the fast phase at 70 %, its neighbour must not be known from its quiet side alone."""
    percents, places = [50.0, 60.0, 80.0], [shifted(0), shifted(0.5), shifted(8.5)]
    assert travel(percents, places)[1] == Travel(pytest.approx((0.5 + 4.0) / 2))


def test_the_beat_closes():
    assert travel([95.0, 5.0], [shifted(0), shifted(2)]) == [Travel(pytest.approx(2.0), 10)] * 2


def test_travel_is_per_ten_percent():
    assert travel([70.0, 75.0], [shifted(0), shifted(1)]) == [Travel(pytest.approx(2.0), 5)] * 2


def test_without_a_near_neighbour_nothing_is_known():
    lines = [shifted(0), shifted(1), None, shifted(2), shifted(3)]
    assert travel([0.0, 40.0, 45.0, None, 66.0], lines) == [None] * 5
    assert travel([], []) == []
    assert travel([70.0], [LINE]) == [None]
    assert travel([70.0, 70.0], [LINE, LINE]) == [None, None]


def test_systole_and_diastole_say_nothing_of_each_other():
    """A scan of 35 to 45 and 70 to 80 %: each part has two ends."""
    lines = [shifted(mm) for mm in (0, 0.5, 1, 1, 0.5, 0)]
    found = travel([35.0, 40.0, 45.0, 70.0, 75.0, 80.0], lines)
    assert [moved.one_sided for moved in found] == [5, None, 5] * 2


@given(st.permutations([0, 1, 2, 3, 4]), st.floats(0, 99.9))
def test_neither_the_order_of_the_phases_nor_where_the_beat_begins_matters(order, turn):
    percents, lines = [10.0, 22.0, 34.0, 60.0, 70.0], [shifted(mm) for mm in (0, 2, 3, 1, 1.5)]
    expected = travel(percents, lines)
    found = travel([(percents[i] + turn) % 100 for i in order], [lines[i] for i in order])
    assert [moved.mm for moved in found] == pytest.approx([expected[i].mm for i in order])
    assert [moved.one_sided is None for moved in found] == [expected[i].one_sided is None for i in order]
