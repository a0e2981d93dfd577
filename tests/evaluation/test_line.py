import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanserve.contracts import InputError
from scanserve.evaluation.line import arc_length, mean_step, resample

CORNER = np.array([[0.0, 0, 0], [3, 0, 0], [3, 4, 0]])


def test_arc_length_and_mean_step():
    assert arc_length(CORNER).tolist() == [0, 3, 7]
    assert mean_step(CORNER) == 3.5


def test_samples_are_a_spacing_apart_and_the_end_is_kept():
    at = arc_length(resample(CORNER, 1.5))
    assert at[-1] > 6  # the corner is cut, by no more than a sample
    x, y, z = resample(CORNER, 1.0).T.tolist()
    assert x == [0, 1, 2, 3, 3, 3, 3, 3]
    assert y == [0, 0, 0, 0, 1, 2, 3, 4]
    assert z == [0] * 8
    assert resample(CORNER[:2], 2.0)[:, 0].tolist() == [0, 2, 3]


def test_other_columns_come_along():
    line = np.column_stack([CORNER, [1.0, 4.0, 0.0]])
    assert resample(line, 1.0)[:, 3].tolist() == [1, 2, 3, 4, 3, 2, 1, 0]


def test_repeated_points_do_not_matter():
    assert np.array_equal(resample(np.repeat(CORNER, 3, axis=0), 0.5), resample(CORNER, 0.5))


@given(st.floats(0.01, 5.0), st.floats(0.1, 10.0))
def test_samples_of_a_straight_line(spacing, length):
    line = resample([[0, 0, 0], [0, length, 0]], spacing)
    steps = np.diff(line[:, 1])
    assert line[-1, 1] == length
    assert np.allclose(steps[:-1], spacing)
    assert 0 < steps[-1] <= spacing + 2e-6


@pytest.mark.parametrize(
    ("line", "spacing", "code"),
    [
        ([[0, 0, 0]], 1, "path-shape"),
        ([[0, 0], [1, 1]], 1, "path-shape"),
        ([[0, 0, 0], [np.nan, 1, 1]], 1, "path-shape"),
        ([[1, 1, 1], [1, 1, 1]], 1, "path-too-short"),
        (CORNER, 0, "step-not-positive"),
        (CORNER, np.nan, "step-not-positive"),
    ],
)
def test_bad_input(line, spacing, code):
    with pytest.raises(InputError) as caught:
        resample(line, spacing)
    assert caught.value.code == code
