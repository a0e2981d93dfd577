from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts.ccta import WORKING_SHAPE  # noqa: E402
from scanserve.training.ccta.worlds.tissue import DRIFT_HU, drift, raised, recolour, trabeculate  # noqa: E402

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("seed", range(20))
def test_a_mild_curve_keeps_the_order_of_tissues(seed: int) -> None:
    hu = torch.linspace(-1024, 3071, 500)
    assert (np.diff(recolour(hu, np.random.default_rng(seed), wild=False)) >= 0).all()


def test_some_wild_curves_swap_tissues() -> None:
    hu = torch.linspace(-200, 400, 200)
    curves = [recolour(hu, np.random.default_rng(seed), wild=True) for seed in range(20)]
    assert 0 < sum(bool((np.diff(curve) < 0).any()) for curve in curves) < 20


def test_air_stays_air() -> None:
    assert recolour(torch.tensor([-1024.0]), np.random.default_rng(0), wild=True) == -1024


def test_the_drift_is_smooth() -> None:
    field = drift(torch.zeros(WORKING_SHAPE), np.random.default_rng(3)).numpy()
    assert 0 < field.std() < DRIFT_HU
    assert max(np.abs(np.diff(field, axis=axis)).max() for axis in range(3)) < 3


def test_raised_blood_is_bright_and_fat_stays_dark() -> None:
    hu = torch.tensor([-1024.0, -90.0, 60.0])
    air, fat, blood = raised(hu, np.random.default_rng(1)).tolist()
    assert (air, fat) == (-1024, -90)
    assert blood > 100


def test_trabeculae_darken_grains_of_blood_only() -> None:
    hu = torch.full((48, 48, 48), 50.0)
    hu[24:] = 400.0
    grained = trabeculate(hu, np.random.default_rng(5))
    assert torch.equal(grained[:24], hu[:24])
    assert 0.05 < float((grained[24:] < 390).float().mean()) < 0.9
