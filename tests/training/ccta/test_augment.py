from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.networks.ccta import window as served_window  # noqa: E402
from scanserve.training.ccta.augment import degrade_prior, soften, vary, vary_hu, window  # noqa: E402

pytestmark = pytest.mark.torch


def test_training_sees_the_window_that_is_served() -> None:
    hu = np.linspace(-2000, 4000, 61).astype(np.float32)
    np.testing.assert_allclose(window(hu), served_window(torch.from_numpy(hu)).numpy(), atol=1e-6)


def test_noise_has_the_strength_asked_for() -> None:
    varied = vary_hu(np.zeros((48, 48, 48), np.int16), np.random.default_rng(1), sigma=(20.0, 20.0))
    assert varied.std() == pytest.approx(20, rel=0.1)
    assert abs(varied.mean()) < 16


def test_varied_images_stay_in_the_window() -> None:
    image = np.linspace(-1, 1, 100, dtype=np.float32)
    varied = [vary(image, np.random.default_rng(seed)) for seed in range(20)]
    assert all(np.abs(one_image).max() <= 1 for one_image in varied)
    assert len({float(one_image[50]) for one_image in varied}) == 20


def test_a_degraded_prior_is_never_stronger_than_a_map_can_be() -> None:
    whole = np.ones((16, 16, 16), np.float32)
    degraded = [degrade_prior(whole, np.random.default_rng(seed)) for seed in range(40)]
    assert all(prior.min() >= 0 and prior.max() <= 1 for prior in degraded)
    assert any(prior.max() == 0 for prior in degraded)  # sometimes stage 1 saw nothing
    assert any(prior.std() > 0.1 for prior in degraded)  # sometimes only a part


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
