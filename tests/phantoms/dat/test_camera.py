import numpy as np
import pytest

from scanserve.phantoms.dat.camera import (
    ANGLES,
    MATRIX,
    PIXEL_MM,
    RADIUS_MM,
    SCATTER_SHARE,
    directions,
    fwhm_mm,
    project,
)
from scanserve.phantoms.ellipsoid import Ellipsoid

BALL = Ellipsoid(np.zeros(3), np.full(3, 80.0), np.eye(3))
Z = (np.arange(31) - 15) * PIXEL_MM


def point(row, column):
    volume = np.zeros((31, MATRIX, MATRIX), np.float32)
    volume[15, row, column] = 1
    return volume


def test_blur_is_that_of_a_clinical_collimator():
    assert 8 <= fwhm_mm(RADIUS_MM) <= 10
    assert fwhm_mm(RADIUS_MM - 80) < fwhm_mm(RADIUS_MM) < fwhm_mm(RADIUS_MM + 80)


def test_counts_are_kept_and_scatter_adds_its_share():
    projections = project(point(63, 63), BALL, Z, water=0.0)
    assert projections.shape == (31, ANGLES, MATRIX)
    assert projections.sum(axis=(0, 2)) == pytest.approx(1 + SCATTER_SHARE, rel=0.05)


def test_a_point_is_seen_where_it_is_and_as_wide_as_the_blur():
    row = project(point(63, 90), BALL, Z, water=0.0)[15]
    assert np.argmax(row[0]) == 90
    assert np.argmax(row[ANGLES // 2]) == MATRIX - 1 - 90
    near, far = row[ANGLES // 4].max(), row[3 * ANGLES // 4].max()
    assert {near < far, far < near} == {True, False}


def test_attenuation_is_that_of_the_way_to_the_surface():
    water = 0.0149
    volume = point(63, 63)
    thin = project(volume, BALL, Z, water=0.0).sum(axis=(0, 2))
    seen = project(volume, BALL, Z, water=water).sum(axis=(0, 2))
    assert seen / thin == pytest.approx(np.exp(-water * 80), rel=0.05)


def test_directions_are_unit_and_all_round():
    assert np.linalg.norm(directions(), axis=1) == pytest.approx(1)
    assert directions().sum(axis=0) == pytest.approx(0, abs=1e-9)
