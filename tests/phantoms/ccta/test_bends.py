import numpy as np
import pytest

from scanserve.geometry import resample_path
from scanserve.phantoms.ccta.bends import MOST_BEND, bends, eased
from scanserve.phantoms.ccta.surface import distance_to
from scanserve.phantoms.ellipsoid import Ellipsoid

FAR = Ellipsoid(np.array([0.0, 0, 500]), np.full(3, 1.0), np.eye(3))


def fork(back: float) -> tuple[np.ndarray, np.ndarray]:
    """12 mm along x, then an LAD along y and a tail along -y that also goes ``back`` along x, 60 mm."""
    lad = resample_path(np.array([[0.0, 0, 0], [12, 0, 0], [12, 60, 0]]), 0.5, end="drop")
    return lad, resample_path(np.array([[12.0, 0, 0], [12 - back, -60, 0]]), 0.5, end="drop")


def test_a_right_angle_bends_by_90_degrees():
    corner = resample_path(np.array([[0.0, 0, 0], [20, 0, 0], [20, 20, 0]]), 0.5, end="drop")
    assert bends(corner)[40] == pytest.approx(90)
    assert bends(corner)[:30] == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("back", [0, 30])
def test_a_fork_that_turns_back_is_bent_open(back):
    lad, tail = fork(back)
    assert bends(np.concatenate([lad[:24], tail])).max() > 85
    *made, stem = eased(lad, tail, 24, 8, (FAR,))
    assert 8 <= stem <= 24
    for path in made:
        assert bends(path)[:70].max() <= MOST_BEND
        assert path[0] == pytest.approx(lad[0], abs=1e-3)
        assert np.linalg.norm(np.diff(path, axis=0), axis=1).max() < 0.51
    assert np.array_equal(made[0][: stem + 1], made[1][: stem + 1])


def test_a_gentle_fork_is_left_as_it_is():
    lad = resample_path(np.array([[0.0, 0, 0], [60, 0, 0]]), 0.5, end="drop")
    tail = resample_path(np.array([[12.0, 0, 0], [50, 30, 0]]), 0.5, end="drop")
    assert eased(lad, tail, 24, 8, (FAR,))[0] is lad


def test_what_is_bent_open_stays_outside_a_wall():
    lad, tail = fork(0)
    wall = Ellipsoid(np.array([6.0, -14, 0]), np.full(3, 5.0), np.eye(3))
    for path in eased(lad, tail, 24, 8, (wall,))[:2]:
        assert distance_to((wall,), path).min() > -0.5
