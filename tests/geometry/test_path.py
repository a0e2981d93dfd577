import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scanserve.contracts import InputError
from scanserve.geometry import (
    arc_length,
    mean_step,
    path_length,
    resample_path,
    sample_path,
    smooth_path,
    tangents,
)

ANGLES = np.linspace(0, np.pi, 200)
HALF_CIRCLE = 10 * np.stack([np.cos(ANGLES), np.sin(ANGLES), np.zeros(200)], axis=1)
STRAIGHT = np.array([[0.0, 0, 0], [0, 3, 4]])
CORNER = np.array([[0.0, 0, 0], [3, 0, 0], [3, 4, 0]])


def test_arc_length_of_known_legs():
    points = [[0, 0, 0], [1, 0, 0], [2, 1, 0], [3, 2, 1]]
    np.testing.assert_allclose(arc_length(points), [0, 1, 1 + np.sqrt(2), 1 + np.sqrt(2) + np.sqrt(3)])


def test_half_circle_is_pi_r():
    assert path_length(HALF_CIRCLE) == pytest.approx(10 * np.pi, rel=1e-4)


@settings(max_examples=25, deadline=None)
@given(arrays(np.float64, (6, 3), elements=st.floats(-100, 100)), st.floats(0.1, 10))
def test_length_scales_and_ignores_direction(points, factor):
    assert path_length(points * factor) == pytest.approx(path_length(points) * factor)
    assert path_length(points[::-1] + 7) == pytest.approx(path_length(points))


def test_sample_path_is_linear_and_clips():
    np.testing.assert_allclose(sample_path(STRAIGHT, [-1, 2.5, 9]), [[0, 0, 0], [0, 1.5, 2], [0, 3, 4]])


def test_sample_path_ignores_repeated_points():
    np.testing.assert_allclose(sample_path(np.repeat(STRAIGHT, 2, axis=0), [2.5]), [[0, 1.5, 2]])


def test_resampled_steps_are_equal_and_ends_kept():
    path = resample_path(HALF_CIRCLE, 0.5)
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    assert np.ptp(steps) < 1e-3
    assert steps.mean() == pytest.approx(0.5, rel=0.02)
    np.testing.assert_allclose(path[[0, -1]], HALF_CIRCLE[[0, -1]])


def test_resample_shorter_than_a_step_keeps_both_ends():
    assert resample_path(STRAIGHT, 50).tolist() == STRAIGHT.tolist()


def test_kept_end_follows_equal_steps():
    assert arc_length(resample_path(CORNER, 1.5, end="keep"))[-1] > 6  # the corner is cut, by at most a step
    assert resample_path(CORNER, 1.0, end="keep").T.tolist() == [
        [0, 1, 2, 3, 3, 3, 3, 3],
        [0, 0, 0, 0, 1, 2, 3, 4],
        [0] * 8,
    ]
    assert resample_path(CORNER[:2], 2.0, end="keep")[:, 0].tolist() == [0, 2, 3]


def test_repeated_points_do_not_change_the_samples():
    repeated = resample_path(np.repeat(CORNER, 3, axis=0), 0.5, end="keep")
    np.testing.assert_array_equal(repeated, resample_path(CORNER, 0.5, end="keep"))


def test_tangents_of_a_circle():
    expected = np.stack([-np.sin(ANGLES), np.cos(ANGLES), np.zeros(200)], axis=1)
    np.testing.assert_allclose(tangents(HALF_CIRCLE), expected, atol=1e-3)


def test_smoothing_keeps_lines_exactly():
    line = resample_path(STRAIGHT * 10, 0.5)
    np.testing.assert_allclose(smooth_path(line, 6.0), line, atol=1e-9)


@pytest.mark.parametrize(("wavelength", "kept"), [(6.0, 0.5), (60.0, 1.0), (1.5, 0.0)])
def test_smoothing_halves_the_stated_wavelength(wavelength, kept):
    s = np.arange(0, 240, 0.5)
    wave = np.stack([s, 0.01 * np.sin(2 * np.pi * s / wavelength), 0 * s], axis=1)
    middle = slice(120, -120)
    ratio = np.ptp(smooth_path(wave, 6.0)[middle, 1]) / np.ptp(wave[middle, 1])
    assert ratio == pytest.approx(kept, abs=0.01)


def test_smoothing_hardly_moves_a_bend_of_10_mm():
    path = resample_path(HALF_CIRCLE, 0.5)
    assert np.abs(smooth_path(path, 6.0) - path)[10:-10].max() < 0.01


def test_smoothing_pins_ends():
    rng = np.random.default_rng(1)
    path = resample_path(HALF_CIRCLE, 0.5)
    rough = path + rng.normal(0, 0.3, path.shape)
    smooth = smooth_path(rough, 8.0, pin_start=True, pin_end=True)
    np.testing.assert_allclose(smooth[[0, -1]], rough[[0, -1]], atol=1e-5)


def test_smoothing_follows_trusted_points():
    points = np.stack([np.arange(21.0), np.zeros(21), np.zeros(21)], axis=1)
    points[10, 1] = 1.0
    low, high = (smooth_path(points, 8.0, weights=np.where(np.arange(21) == 10, w, 1.0)) for w in (0.1, 10.0))
    assert low[10, 1] < 0.05 < 0.5 < high[10, 1]


@pytest.mark.parametrize(
    ("points", "code"),
    [
        (np.zeros((1, 3)), "path-shape"),
        (np.zeros((4, 2)), "path-shape"),
        (np.full((4, 3), np.nan), "path-shape"),
        (np.zeros((4, 3)), "path-too-short"),
    ],
)
@pytest.mark.parametrize(
    "function", [tangents, lambda p: resample_path(p, 1.0), lambda p: smooth_path(p, 6.0)]
)
def test_errors_are_coded(function, points, code):
    with pytest.raises(InputError) as caught:
        function(points)
    assert caught.value.code == code


@pytest.mark.parametrize("step_mm", [0, np.nan])
def test_step_must_be_positive(step_mm):
    with pytest.raises(InputError) as caught:
        resample_path(STRAIGHT, step_mm)
    assert caught.value.code == "step-not-positive"


def test_further_columns_come_along():
    line = np.column_stack([CORNER, [1.0, 4.0, 0.0]])
    assert arc_length(line).tolist() == [0, 3, 7]
    assert resample_path(line, 1.0)[:, 3].tolist() == [1, 2, 3, 4, 3, 2, 1, 0]
    assert mean_step(line) == 3.5


@given(st.floats(0.05, 5.0), st.floats(0.5, 10.0))
def test_ends_of_a_straight_line(step, length):
    line = [[0, 0, 0], [0, length, 0]]
    fit, keep, drop = (resample_path(line, step, end=end)[:, 1] for end in ("fit", "keep", "drop"))
    assert np.ptp(np.diff(fit)) < 1e-9
    np.testing.assert_allclose(np.diff(drop), step)
    assert keep[-1] == fit[-1] == length
    assert length - step - 1e-6 < drop[-1] <= length
    np.testing.assert_array_equal(keep[:-1], drop[: len(keep) - 1])
    assert len(keep) - len(drop) in (0, 1)


def test_only_positions_are_smoothed():
    with pytest.raises(InputError) as caught:
        smooth_path(np.arange(40.0).reshape(10, 4), 6.0)
    assert caught.value.code == "path-shape"
