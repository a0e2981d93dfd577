from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.networks.ccta import window as served_window  # noqa: E402
from scanserve.training.ccta.augment import soften, vary_hu, window  # noqa: E402

pytestmark = pytest.mark.torch


def test_training_sees_the_window_that_is_served() -> None:
    hu = np.linspace(-2000, 4000, 61).astype(np.float32)
    np.testing.assert_allclose(window(hu), served_window(torch.from_numpy(hu)).numpy(), atol=1e-6)


def test_noise_has_the_strength_asked_for() -> None:
    varied = vary_hu(np.zeros((48, 48, 48), np.int16), np.random.default_rng(1), sigma=(20.0, 20.0))
    assert varied.std() == pytest.approx(20, rel=0.1)
    assert abs(varied.mean()) < 16


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
