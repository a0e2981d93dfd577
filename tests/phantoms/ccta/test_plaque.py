import numpy as np
import pytest

from scanserve.phantoms.ccta.plaque import calcify, narrow, soften
from scanserve.phantoms.ccta.ranges import PLAIN, TRAINING

X = np.array([1.0, 0, 0])


def straight(count: int = 201) -> tuple[np.ndarray, np.ndarray]:
    points = np.zeros((count, 3))
    points[:, 2] = 0.5 * np.arange(count)
    return points, np.full(count, 1.6)


def test_a_narrowing_takes_its_share_and_leaves_the_opposite_wall():
    points, radii = straight()
    new, thin, body = narrow(points, radii, 100, 12, X, 0.5, 60.0)
    assert thin[100] == pytest.approx(0.8)
    assert new[100] == pytest.approx([-0.8, 0, 50])
    assert (new[:, 0] - thin) == pytest.approx(-radii)
    assert new[:88] == pytest.approx(points[:88])
    assert thin[113:] == pytest.approx(radii[113:])
    assert body.points == pytest.approx(points[88:113])
    assert body.radii == pytest.approx(radii[88:113])
    assert body.first == 88


def test_remodelling_bulges_toward_the_plaque_only():
    points, radii = straight()
    _, _, body = narrow(points, radii, 100, 12, X, 0.5, 60.0, remodelling=0.3)
    assert (body.points[:, 0] - body.radii) == pytest.approx(-1.6)
    assert (body.points[:, 0] + body.radii).max() == pytest.approx(1.6 * 1.3)


def test_soft_plaques_lie_on_the_vessel_and_within_the_ranges():
    points, radii = straight()
    for seed in range(30):
        new, thin, body = soften(points, radii, 20, TRAINING.lesions, np.random.default_rng(seed))
        assert new[:20] == pytest.approx(points[:20])
        assert new[-1] == pytest.approx(points[-1])
        assert 0.3 * 1.6 <= thin.min() <= 0.8 * 1.6
        assert thin.min() / 1.6 == pytest.approx(1 - body.severity)


def test_calcifications_stay_on_the_vessel():
    for lesions in (PLAIN.lesions, TRAINING.lesions):
        found = [c for seed in range(40) for c in calcify(100, lesions, np.random.default_rng(seed))]
        assert found
        assert all(12 <= c.index <= 90 for c in found)
    assert {c.bloom for c in calcify(100, PLAIN.lesions, np.random.default_rng(5))} <= {0.0}
