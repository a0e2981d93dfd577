import numpy as np
import pytest

from scanserve.phantoms.ccta.ranges import TRAINING
from scanserve.phantoms.ccta.stents import MovingStent, lay_stent, place_stent

SIGMA = 0.4


def ring(strength: float = 500.0, bloom: float = 0.0) -> MovingStent:
    points = np.zeros((1, 41, 3), np.float32)
    points[0, :, 2] = np.arange(-10, 10.5, 0.5)
    tangents = np.zeros_like(points)
    tangents[..., 2] = 1
    return MovingStent(points, tangents, np.full(41, 1.5, np.float32), strength, bloom)


def wall(radius: float, z: np.ndarray) -> np.ndarray:
    """HU of a stent over nothing, all around at a radius."""
    turn = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    places = np.stack(
        [np.r_[radius * np.cos(turn), 0], np.r_[radius * np.sin(turn), 0], np.zeros(73)], 1
    ).astype(np.float32)
    out = np.zeros(len(places), np.float32)
    lay_stent(out, places + np.array([0, 0, z], np.float32), ring(), SIGMA)
    return out


def test_the_wall_holds_the_strength_and_the_axis_stays_dark():
    out = wall(1.5, 0.0)
    assert out[:-1].mean() == pytest.approx(500 / (np.sqrt(2 * np.pi) * SIGMA), rel=0.02)
    assert out[-1] < 0.02 * out[:-1].mean()


def test_the_mesh_is_seen_and_ends():
    assert np.ptp(wall(1.5, 0.0)[:-1]) > 100
    assert wall(1.5, 12.5) == pytest.approx(0)


def test_blooming_keeps_the_metal_but_spreads_it():
    x = np.arange(-4, 4, 0.05, dtype=np.float32)
    places = np.stack([x, 0 * x, 0 * x], 1)
    sharp, wide = np.zeros(len(x), np.float32), np.zeros(len(x), np.float32)
    lay_stent(sharp, places, ring(), 0.3)
    lay_stent(wide, places, ring(bloom=0.3), 0.3)
    assert wide.sum() == pytest.approx(sharp.sum(), rel=0.02)
    assert wide.max() < 0.8 * sharp.max()


def test_far_places_are_left_alone():
    out = np.full(3, 7.0, np.float32)
    lay_stent(out, np.full((3, 3), 90, np.float32), ring(), SIGMA)
    assert (out == 7).all()


def test_stents_start_on_the_proximal_half():
    for seed in range(20):
        stent = place_stent(8, 240, TRAINING.lesions, np.random.default_rng(seed))
        assert 8 <= stent.first <= 120
        assert 20 <= stent.count <= 50
