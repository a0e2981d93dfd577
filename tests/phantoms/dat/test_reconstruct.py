import numpy as np
import pytest
from skimage.transform import iradon

from scanserve.phantoms.dat.camera import ANGLES, MATRIX, PIXEL_MM, project
from scanserve.phantoms.dat.reconstruct import back_project, butterworth, chang, reconstruct
from scanserve.phantoms.ellipsoid import Ellipsoid

BALL = Ellipsoid(np.zeros(3), np.full(3, 70.0), np.eye(3))
Z = (np.arange(25) - 12) * PIXEL_MM


def ball(radius_mm):
    axis = (np.arange(MATRIX) - (MATRIX - 1) / 2) * PIXEL_MM
    plane = np.hypot(*np.meshgrid(axis, axis))
    return (np.hypot(plane[None], Z[:, None, None]) <= radius_mm).astype(np.float32)


def test_back_projection_is_that_of_scikit_image():
    projections = project(ball(40), BALL, Z, water=0.0)[12:13]
    mine = back_project(projections)[0]
    theta = np.arange(ANGLES) * 360 / ANGLES
    other = iradon(projections[0].T.astype(float), theta, MATRIX, "ramp", "linear", circle=True)
    inside = np.s_[59:69, 59:69]  # away from the edge: scikit-image turns round pixel 64, not round 63.5
    assert mine[inside] == pytest.approx(other[inside], rel=0.01)
    assert mine.sum() == pytest.approx(other.sum(), rel=0.01)


def test_a_ball_comes_back_at_its_place_and_level():
    volume = np.roll(ball(35), (6, -9), axis=(1, 2))
    made = reconstruct(project(volume, BALL, Z, water=0.0), BALL, Z, cutoff=1.4, order=10, water=0.0)
    middle = made[12, 63 + 6 - 3 : 63 + 6 + 4, 63 - 9 - 3 : 63 - 9 + 4]
    assert 0.9 < middle.mean() < 1.3  # scatter adds a little
    mass = made[12] * (made[12] > 0.5)
    rows, columns = np.indices(mass.shape)
    assert (mass * rows).sum() / mass.sum() == pytest.approx(69.5, abs=0.6)
    assert (mass * columns).sum() / mass.sum() == pytest.approx(54.5, abs=0.6)


def test_correction_makes_up_for_attenuation_in_the_middle():
    water = 0.012
    flat = project(ball(60), BALL, Z, water=0.0)
    seen = project(ball(60), BALL, Z, water=water)
    settings = {"cutoff": 1.0, "order": 8}
    true = reconstruct(flat, BALL, Z, water=0.0, **settings)[12, 58:70, 58:70].mean()
    without = reconstruct(seen, BALL, Z, water=0.0, **settings)[12, 58:70, 58:70].mean()
    corrected = reconstruct(seen, BALL, Z, water=water, **settings)[12, 58:70, 58:70].mean()
    assert without < 0.6 * true
    assert corrected == pytest.approx(true, rel=0.12)


def test_chang_is_one_outside_and_closed_form_in_the_middle():
    factors = chang(BALL, 0.0, 0.012)
    assert factors[0, 0] == 1
    assert factors[63, 63] == pytest.approx(np.exp(0.012 * 70), rel=0.01)


def test_the_filter_keeps_the_sum_and_halves_the_power_at_the_cutoff():
    flat = np.ones((8, 2, MATRIX), np.float32)
    assert butterworth(flat, 0.5, 5) == pytest.approx(flat, rel=1e-5)
    bins = np.arange(MATRIX)
    cycles = 26
    wave = np.broadcast_to(np.cos(2 * np.pi * cycles * bins / MATRIX), (8, 2, MATRIX))
    cutoff = cycles / (MATRIX * PIXEL_MM / 10)
    assert butterworth(wave, cutoff, 5).max() == pytest.approx(np.sqrt(0.5), rel=1e-3)


def test_nothing_is_negative():
    rng = np.random.default_rng(0)
    noisy = rng.poisson(project(ball(40), BALL, Z)).astype(np.float32)
    assert reconstruct(noisy, BALL, Z, cutoff=0.5, order=5, water=0.01).min() >= 0
