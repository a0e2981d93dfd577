import numpy as np
import pytest

from scanserve.contracts import StudyError
from scanserve.preprocessing.nm.counts import to_counts
from scanserve.preprocessing.nm.scale import Scale


def _stored(*values) -> np.ndarray:
    return np.array([[values]], np.int16)


def test_counts_are_scaled_values():
    counts = to_counts(_stored(0, 10), Scale(0.5, 1))
    assert counts.values.dtype == np.float32
    assert counts.values.tolist() == [[[1, 6]]]
    assert counts.findings == ()


def test_small_negative_values_are_no_counts_and_that_is_said():
    counts = to_counts(_stored(-3, 0, 50, 100), Scale())
    assert counts.values.tolist() == [[[0, 0, 50, 100]]]
    (finding,) = counts.findings
    assert finding.code == "negative-counts-zeroed"
    assert "25.0% of the pixels" in finding.message
    assert "3.0% of the greatest" in finding.message


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ((-11, 100), "negative-counts"),
        ((-5, -1), "negative-counts"),
        ((0, 0), "no-counts"),
        ((-1, 0), "negative-counts"),
    ],
)
def test_values_that_are_no_counts_are_refused(values, code):
    with pytest.raises(StudyError) as caught:
        to_counts(_stored(*values), Scale())
    assert caught.value.code == code
