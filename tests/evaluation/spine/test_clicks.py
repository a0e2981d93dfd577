import numpy as np
import pytest

from scanserve.evaluation.spine.clicks import clicks_to, manual_errors, model_errors

TRUTH = np.zeros((4, 2))
SEEN = np.array([True, True, True, False])
FOUND = np.array([[6.0, 0], [3, 0], [0, 0], [100, 0]])


def test_manual_revision_takes_the_worst_error_away_each_time():
    assert manual_errors(FOUND, TRUTH, SEEN, 3).tolist() == [3, 1, 0, 0]


def test_a_fixed_point_counts_as_the_truth_even_where_it_was_not_moved_in_the_file():
    found = np.stack([FOUND, FOUND])
    assert model_errors(found, TRUTH, SEEN, [0]).tolist() == [3, 1]


def test_the_model_moves_other_points_too():
    found = np.stack([FOUND, FOUND * [0.5, 1]])
    assert model_errors(found, TRUTH, SEEN, [0]).tolist() == [3, 0.5]


def test_points_that_the_film_does_not_show_do_not_count():
    assert model_errors(FOUND[None], TRUTH, SEEN, []).tolist() == [3]


@pytest.mark.parametrize(
    ("errors", "clicks"), [([19.0], 0), ([21, 20], 1), ([40, 30, 21], 10), ([21] * 11 + [5], 10)]
)
def test_clicks_until_good_enough_and_a_failure_counts_as_the_most(errors, clicks):
    assert clicks_to(np.array(errors, float), 20, 10) == clicks
