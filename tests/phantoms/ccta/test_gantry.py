import numpy as np
import pytest

from scanserve.phantoms.ccta.gantry import Gantry, share


def test_the_window_is_half_a_turn():
    gantry = Gantry(0.3, 2.5, 1.0)
    first, last = gantry.angles(np.array([70.0, 80.0]), 75, 10)
    assert last - first == pytest.approx(np.pi)
    assert gantry.angles(np.array([175.0]), 175, 10) == pytest.approx(gantry.angles(np.array([75.0]), 75, 10))


def test_edges_along_the_rays_are_seen_best():
    across, along = np.array([[0, 5, 0]], np.float32), np.array([[5, 0, 0]], np.float32)
    assert share(across, 0.0, 0.8)[0] == pytest.approx(1.8, abs=0.02)
    assert share(along, 0.0, 0.8)[0] == pytest.approx(0.2, abs=0.02)
    assert share(np.zeros((1, 3), np.float32), 0.4, 0.8) == pytest.approx(1)


def test_a_resting_edge_gets_its_whole_window():
    angles = np.pi * (np.arange(6) + 0.5) / 6
    offset = np.random.default_rng(1).normal(0, 3, (50, 3)).astype(np.float32)
    assert sum(share(offset, angle, 1.2) for angle in angles) == pytest.approx(6, abs=1e-4)
