import numpy as np

from scanserve.client.spine.doubts import doubts_of, is_truncated, order_of_doubt
from tests.support import spine_samples

CORNERS, SHAPE = spine_samples.corners(), spine_samples.SHAPE
SURE, FREE = np.full(68, 0.9), np.zeros(68, bool)


def doubtful(points=CORNERS, peaks=SURE, fixed=FREE, shape=SHAPE):
    return [index for index, found in enumerate(doubts_of(points, peaks, fixed, shape)) if found]


def test_a_regular_spine_is_not_doubtful():
    assert doubtful() == []
    assert not is_truncated(CORNERS, SURE, SHAPE)


def test_a_low_peak_is_doubtful_unless_the_vertebra_is_fixed():
    peaks = SURE.copy()
    peaks[22] = 0.1
    assert doubtful(peaks=peaks) == [5]
    fixed = FREE.copy()
    fixed[20:24] = True
    assert doubtful(peaks=peaks, fixed=fixed) == []


def test_corners_that_are_all_a_little_uncertain_are_doubtful():
    peaks = SURE.copy()
    peaks[20:24] = 0.6
    assert doubts_of(CORNERS, peaks, FREE, SHAPE)[5] == ["its corners have little certainty (0.60)"]
    fixed = FREE.copy()
    fixed[20:22] = True
    peaks[20:22] = 1.0
    assert doubtful(peaks=peaks, fixed=fixed) == [5]


def test_a_distance_off_the_trend_is_doubtful():
    points = CORNERS.copy().reshape(-1, 4, 2)
    points[9:] += (0, 14)
    found = doubts_of(points.reshape(-1, 2), SURE, FREE, (1200, 400))
    assert [index for index, doubts in enumerate(found) if doubts] == [8]


def test_a_size_that_does_not_fit_is_doubtful():
    points = CORNERS.copy().reshape(-1, 4, 2)
    points[8] = points[8].mean(axis=0) + 2 * (points[8] - points[8].mean(axis=0))
    assert 8 in doubtful(points=points.reshape(-1, 2))


def test_a_vertebra_that_is_left_out_is_doubtful():
    points = CORNERS.copy().reshape(-1, 4, 2)
    points[9:] += (0, 45)
    found = doubts_of(points.reshape(-1, 2), SURE, FREE, (1200, 400))
    assert found[8] == ["its distance to T10 is unusual"]


def test_vertebrae_out_of_order_are_doubtful():
    points = CORNERS.copy().reshape(-1, 4, 2)
    points[[7, 8]] = points[[8, 7]]
    assert {6, 7, 8} <= set(doubtful(points=points.reshape(-1, 2)))


def test_the_border_of_the_film_cuts_off():
    points = CORNERS - (0, CORNERS[:, 1].min())
    assert doubtful(points=points) == [0]
    assert is_truncated(points, SURE, SHAPE)


def test_the_most_doubtful_comes_first():
    peaks = SURE.copy()
    peaks[22], peaks[41] = 0.2, 0.1
    assert order_of_doubt(doubts_of(CORNERS, peaks, FREE, SHAPE), peaks) == [10, 5]
