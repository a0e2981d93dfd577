from __future__ import annotations

import itertools

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.networks.ccta import window as served_window  # noqa: E402
from scanserve.training.ccta.augment import fine_noise, soften, turned, vary_hu, window  # noqa: E402

pytestmark = pytest.mark.torch


def test_training_sees_the_window_that_is_served() -> None:
    hu = np.linspace(-2000, 4000, 61).astype(np.float32)
    np.testing.assert_allclose(window(hu), served_window(torch.from_numpy(hu)).numpy(), atol=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_noise_has_a_standard_deviation_of_1_hu(seed: int) -> None:
    noise = fine_noise((48, 48, 48), np.random.default_rng(seed))
    assert noise.std() == pytest.approx(1, rel=0.02)
    assert abs(noise.mean()) < 0.05


def test_gain_and_offset_change_a_little() -> None:
    line = np.array([0.0, 1000.0], np.float32)
    for seed in range(50):
        low, high = vary_hu(line, np.random.default_rng(seed))
        assert abs(low) <= 15
        assert 920 <= high - low <= 1080


def test_a_vessel_is_turned_and_mirrored_in_eight_ways() -> None:
    vessel = np.arange(18).reshape(2, 3, 3)
    ways = [turned(vessel, *way) for way in itertools.product((0, 1), repeat=3)]
    assert len({way.tobytes() for way in ways}) == 8
    for way in ways:
        assert (
            way[:, 1, 1].tolist() == vessel[:, 1, 1].tolist()
        )  # the vessel stays in the middle, and its direction
        assert sorted(way[1].reshape(-1)) == sorted(vessel[1].reshape(-1))


def test_softening_leaves_what_lies_beyond_the_end_alone() -> None:
    vessel = np.full((40, 32, 32), 100, np.int16)
    vessel[:, 16, 16] = 500
    vessel[30:] = -1024
    soft = soften(vessel, 0.4)
    assert (soft[30:] == -1024).all()
    assert soft[:30].min() > 99  # nothing of the emptiness leaks in
    assert soft[15, 16, 16] < 400
    np.testing.assert_allclose(soft[:30].sum(), vessel[:30].sum(dtype=float), rtol=1e-3)


def test_no_softness_changes_nothing() -> None:
    vessel = np.arange(8, dtype=np.int16).reshape(2, 2, 2)
    assert soften(vessel, 0.0) is vessel


def test_softness_is_in_millimetres() -> None:
    line = np.zeros((9, 41, 41), np.float32)
    line[:, 20, 20] = 1000
    profile = soften(line, 0.4)[4, 20]
    offset_mm = (np.arange(41) - 20) * 0.4
    assert np.sqrt((profile * offset_mm**2).sum() / profile.sum()) == pytest.approx(0.4, rel=0.02)
