from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts.ccta import WORKING_SHAPE  # noqa: E402
from scanserve.training.ccta.worlds.tissue import DRIFT_HU, drift, recolour  # noqa: E402

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("seed", range(20))
def test_a_mild_curve_keeps_the_order_of_tissues(seed: int) -> None:
    hu = np.linspace(-1024, 3071, 500, dtype=np.float32)
    assert (np.diff(recolour(hu, np.random.default_rng(seed), wild=False)) >= 0).all()


def test_some_wild_curves_swap_tissues() -> None:
    hu = np.linspace(-200, 400, 200, dtype=np.float32)
    curves = [recolour(hu, np.random.default_rng(seed), wild=True) for seed in range(20)]
    assert 0 < sum(bool((np.diff(curve) < 0).any()) for curve in curves) < 20


def test_air_stays_air() -> None:
    assert recolour(np.array([-1024.0], np.float32), np.random.default_rng(0), wild=True) == -1024


def test_the_drift_is_smooth() -> None:
    field = drift(np.zeros(WORKING_SHAPE, np.float32), np.random.default_rng(3))
    assert 0 < field.std() < DRIFT_HU
    assert max(np.abs(np.diff(field, axis=axis)).max() for axis in range(3)) < 3
