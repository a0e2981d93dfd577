from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from scanserve.contracts import InputError
from scanserve.phantoms.ccta.paths import PathBuilder
from scanserve.phantoms.ccta.shapes import Capsule
from scanserve.phantoms.ccta.walls import Walls

TREES = SimpleNamespace(ostium_turn=(-22, 22), ostium_up=(5, 13))
SIZES = SimpleNamespace(sinus_turn=0.0)


def builder(top: float) -> PathBuilder:
    """A builder on an upright aorta of 14 mm around the root that ends at ``top`` mm above it."""
    aorta = Capsule(np.array([0.0, 0.0, -60.0]), np.array([0.0, 0.0, top - 14.0]), 14.0, 14.0)
    other = Capsule(np.array([60.0, 0.0, 0.0]), np.array([60.0, 0.0, 10.0]), 5.0, 5.0)
    walls = Walls((aorta, other), aorta, (other,), np.zeros(3))
    return PathBuilder(SimpleNamespace(), SIZES, walls, np.random.default_rng(0), TREES)


@pytest.mark.parametrize("which", ["left", "right"])
def test_an_ostium_lies_on_the_wall_of_the_aorta(which: str) -> None:
    place = builder(60.0).ostium(which)
    assert np.hypot(*place[:2]) == pytest.approx(14.0 - 0.5, abs=0.3)
    assert 5 <= place[2] <= 13


def test_rays_that_miss_the_aorta_are_passed_over() -> None:
    place = builder(10.0).ostium("left")
    assert np.hypot(*place[:2]) <= 14
    assert place[2] < 10


def test_an_aorta_that_is_not_there_is_no_heart() -> None:
    with pytest.raises(InputError) as caught:
        builder(0.0).ostium("left")
    assert caught.value.code == "no-heart"
