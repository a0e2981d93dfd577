from dataclasses import replace

import numpy as np
import pytest

from scanserve.phantoms.spine.exposure import Exposure, expose
from scanserve.phantoms.spine.population import POPULATIONS

PLAIN = Exposure(0, 100, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, inverted=False)
RAMP = np.broadcast_to(np.linspace(0, 2, 200, dtype=np.float32), (100, 200))


def exposed(**changes):
    return expose(RAMP, replace(PLAIN, **changes), 100.0, np.random.default_rng(0))


def test_the_whole_range_is_shown():
    grey = exposed()
    assert (grey.min(), grey.max()) == pytest.approx((0, 1), abs=0.02)
    assert (np.diff(grey[50]) >= -1e-6).all()


def test_flat_contrast_and_saturation():
    flat, saturated = exposed(floor=0.3, ceiling=0.6), exposed(low=30, high=80)
    assert (flat.min(), flat.max()) == pytest.approx((0.3, 0.6), abs=0.02)
    assert (saturated == 0).mean() == pytest.approx(0.3, abs=0.03)
    assert (saturated == 1).mean() == pytest.approx(0.2, abs=0.03)


def test_inverted_is_one_minus():
    np.testing.assert_allclose(exposed(inverted=True), 1 - exposed(), atol=1e-6)


def test_noise_grows_with_its_amount():
    plain = exposed()
    one, two = (np.std(exposed(noise=amount) - plain) for amount in (0.05, 0.1))
    assert two == pytest.approx(2 * one, rel=0.2)


def test_a_population_has_flat_and_saturated_films():
    found = [Exposure.sample(np.random.default_rng(seed), POPULATIONS["test"]) for seed in range(100)]
    assert 0.1 < np.mean([each.floor > 0 for each in found]) < 0.5
    assert 0.1 < np.mean([each.low > 13 for each in found]) < 0.6
