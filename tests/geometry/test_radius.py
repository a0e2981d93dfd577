import functools

import numpy as np
import pytest
from scipy.spatial import cKDTree

from scanserve.contracts import InputError
from scanserve.geometry import RadiusOptions
from scanserve.geometry import estimate_radii as measured
from scanserve.preprocessing import Volume

AXIS = np.linspace([3.0, 12.2, 11.7], [21, 11.1, 12.9], 40)
SPACING = 0.4
OPTIONS = RadiusOptions(minimum_mm=0.4, maximum_mm=4.0, reach_mm=5.0, window_mm=4.0)
INDEX = np.moveaxis(np.indices((60, 60, 60)), 0, -1)
POINTS = INDEX[..., ::-1] * SPACING
NEAR = cKDTree(np.linspace(AXIS[0], AXIS[-1], 400)).query(POINTS.reshape(-1, 3))


@functools.cache
def tube(first, last, *, lumen=400, fat=-100, noise=0.0):
    """A tapering tube about AXIS with an edge one voxel soft, as float HU."""
    distance, at = (part.reshape(60, 60, 60) for part in NEAR)
    radius = first + (last - first) * at / 399
    hu = fat + np.clip((radius - distance) / SPACING + 0.5, 0, 1) * (lumen - fat)
    return hu + np.random.default_rng(0).normal(0, noise, hu.shape) if noise else hu


def estimate_radii(image, points):
    return measured(image, points, OPTIONS)


def volume(hu):
    return Volume.at(np.rint(hu).astype(np.int16), np.zeros(3), np.full(3, SPACING))


@pytest.mark.parametrize("radius", [0.8, 1.5, 2.5])
def test_tube_of_constant_radius(radius):
    np.testing.assert_allclose(estimate_radii(volume(tube(radius, radius)), AXIS)[3:-3], radius, atol=0.12)


def test_taper_is_followed():
    radii = estimate_radii(volume(tube(2.4, 0.9)), AXIS)
    np.testing.assert_allclose(radii[3:-3], np.linspace(2.4, 0.9, 40)[3:-3], atol=0.2)


@pytest.mark.parametrize(("lumen", "fat"), [(250, 60), (700, -110)])
def test_contrast_does_not_matter(lumen, fat):
    np.testing.assert_allclose(
        estimate_radii(volume(tube(1.5, 1.5, lumen=lumen, fat=fat)), AXIS)[3:-3], 1.5, atol=0.12
    )


def test_noise_is_tolerated():
    radii = estimate_radii(volume(tube(1.5, 1.5, noise=30.0)), AXIS)[3:-3]
    assert np.mean(np.abs(radii - 1.5)) < 0.15


def test_a_bright_neighbour_on_one_side_is_tolerated():
    hu = np.where(POINTS[..., 1] > 14.0, 420.0, tube(1.5, 1.5))
    np.testing.assert_allclose(estimate_radii(volume(hu), AXIS)[3:-3], 1.5, atol=0.25)


def test_a_calcification_is_bridged():
    hu = tube(1.5, 1.5).copy()
    hu[np.linalg.norm(POINTS - AXIS[20], axis=-1) < 0.8] = 1200
    np.testing.assert_allclose(estimate_radii(volume(hu), AXIS)[3:-3], 1.5, atol=0.3)


@pytest.mark.parametrize(("hu", "limit"), [(np.full((60, 60, 60), 300.0), 4.0), (tube(0.2, 0.2), 0.4)])
def test_radii_are_clamped(hu, limit):
    np.testing.assert_allclose(estimate_radii(volume(hu), AXIS), limit, atol=0.1)


def test_errors_are_coded():
    with pytest.raises(InputError) as caught:
        estimate_radii(volume(tube(1.5, 1.5)), AXIS[:1])
    assert caught.value.code == "path-shape"
