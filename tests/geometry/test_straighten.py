import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from scanserve.contracts import InputError
from scanserve.geometry import resample_path, smooth_path, straighten, straightened_points
from scanserve.preprocessing import Volume

SPACING = np.array([0.4, 0.5, 0.6])
ORIGIN = np.array([-20.0, 10.0, 100.0])
SHAPE = (60, 70, 80)


def curve():
    t = np.linspace(0, 2.2, 300)
    return ORIGIN + np.stack([16 + 9 * np.cos(t), 17 + 9 * np.sin(t), 8 + 8 * t], axis=1)


@functools.cache
def tube(radius=2.0, lumen=400, outside=-100):
    """A round tube of ``radius`` about the curve, its edge one voxel soft."""
    index = np.moveaxis(np.indices(SHAPE), 0, -1)
    points = index[..., ::-1] * SPACING + ORIGIN
    distance = cKDTree(resample_path(curve(), 0.1)).query(points.reshape(-1, 3))[0].reshape(SHAPE)
    share = np.clip((radius - distance) / 0.5 + 0.5, 0, 1)
    return Volume.at(np.rint(outside + share * (lumen - outside)).astype(np.int16), ORIGIN, SPACING)


def ramp(direction):
    index = np.moveaxis(np.indices(SHAPE), 0, -1)
    values = (index[..., ::-1] * SPACING + ORIGIN) @ direction
    return Volume.at(np.rint(values).astype(np.int16), ORIGIN, SPACING)


OPTIONS = {"steps": 64, "step_mm": 0.5, "size": 32, "pixel_mm": 0.25}


def test_tube_becomes_the_same_disc_at_every_step():
    done = straighten(tube(), curve(), **OPTIONS)
    area = (done.image[2 : len(done.frames) - 2] > 150).sum(axis=(1, 2)) * 0.25**2
    np.testing.assert_allclose(np.sqrt(area / np.pi), 2.0, atol=0.1)


def test_disc_is_centred():
    done = straighten(tube(), curve(), **OPTIONS)
    bright = np.argwhere(done.image[5:40] > 150)
    np.testing.assert_allclose(bright[:, 1:].mean(axis=0), 15.5, atol=0.15)


def test_beyond_the_end_is_air():
    done = straighten(tube(), curve(), **OPTIONS)
    assert len(done.frames) == int(done.length_mm / 0.5) + 1 < 64
    assert np.all(done.image[len(done.frames) :] == -1024)
    assert done.image[: len(done.frames)].max(axis=(1, 2)).min() > 300


def test_outside_the_volume_is_air():
    line = np.linspace(ORIGIN - [5, 0, 0], ORIGIN + np.array([20, 0, 0]), 60)
    done = straighten(tube(), line, **OPTIONS)
    assert np.all(done.image[:8] == -1024)


def test_arc_length_is_kept():
    done = straighten(tube(), curve(), **OPTIONS)
    steps = np.linalg.norm(np.diff(done.frames.points, axis=0), axis=1)
    np.testing.assert_allclose(steps, 0.5, rtol=1e-3)
    exact = 2.2 * np.hypot(9, 8)
    assert done.length_mm == pytest.approx(exact, rel=1e-4)


def test_long_paths_stop_at_the_last_step():
    done = straighten(tube(), curve(), **(OPTIONS | {"steps": 20}))
    assert (done.length_mm, len(done.frames), done.image.shape) == (10.0, 20, (20, 32, 32))


def test_image_shows_what_lies_at_to_lps():
    direction = np.array([3.0, -2.0, 5.0])
    volume = ramp(direction)
    done = straighten(volume, curve(), **OPTIONS)
    index = np.moveaxis(np.indices(done.image.shape), 0, -1)[5:40, 8:24, 8:24]
    np.testing.assert_allclose(done.image[5:40, 8:24, 8:24], done.to_lps(index) @ direction, atol=1.6)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000))
def test_to_lps_round_trip(seed):
    """A position is found again by projecting it on the frame of its step."""
    rng = np.random.default_rng(seed)
    path = smooth_path(np.cumsum(rng.normal(size=(120, 3)), axis=0), 40.0) * 4
    done = straighten(tube(), path, **OPTIONS)
    step = int(rng.integers(len(done.frames)))
    row, column = rng.uniform(0, 31, 2)
    offset = done.to_lps([step, row, column]) - done.frames.points[step]
    frame = done.frames
    assert offset @ frame.tangents[step] == pytest.approx(0, abs=1e-9)
    assert offset @ frame.binormals[step] / 0.25 + 15.5 == pytest.approx(row)
    assert offset @ frame.normals[step] / 0.25 + 15.5 == pytest.approx(column)


def test_to_lps_goes_on_straight_beyond_the_ends():
    line = np.linspace(ORIGIN, ORIGIN + np.array([10, 0, 0]), 11)
    done = straighten(tube(), line, **OPTIONS)
    found = done.to_lps([[-4, 15.5, 15.5], [30, 15.5, 15.5]])
    np.testing.assert_allclose(found, ORIGIN + np.array([[-2, 0, 0], [15, 0, 0]]), atol=1e-9)


def test_a_shifted_volume_gives_the_same_image():
    volume, shift = tube(), np.array([3.0, -7.0, 11.0])
    moved = Volume(volume.hu, volume.grid.moved(shift))
    first, second = (straighten(v, curve() + s, **OPTIONS) for v, s in ((volume, 0), (moved, shift)))
    assert np.abs(first.image.astype(int) - second.image).max() <= 1


def test_a_cropped_volume_gives_the_same_image():
    volume = tube()
    part = Volume.at(volume.hu[5:, 4:, 3:].copy(), volume.grid.to_lps([5, 4, 3]), volume.grid.spacing)
    first, second = (straighten(v, curve(), **OPTIONS).image[:, 10:22, 10:22] for v in (volume, part))
    assert np.abs(first.astype(int) - second).max() <= 1


def test_the_grid_is_where_the_pixels_are():
    done = straighten(tube(), curve(), **OPTIONS)
    grid = straightened_points(curve(), **OPTIONS)
    index = np.moveaxis(np.indices((len(done.frames), 32, 32)), 0, -1)
    np.testing.assert_allclose(grid, done.to_lps(index), atol=1e-9)


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"steps": 1}, curve(), "straighten-size"),
        ({"pixel_mm": 0.0}, curve(), "straighten-size"),
        ({}, curve()[:2], "path-too-short"),
        ({}, curve()[:, :2], "path-shape"),
    ],
)
def test_errors_are_coded(changes, path, code):
    with pytest.raises(InputError) as caught:
        straighten(tube(), path, **(OPTIONS | changes))
    assert caught.value.code == code
