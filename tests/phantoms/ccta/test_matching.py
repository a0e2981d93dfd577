import numpy as np
import pytest

from scanserve.contracts import InputError
from scanserve.phantoms.ccta.matching import match
from scanserve.preprocessing import Volume


def grey(seed: int = 0, level: float = 0.0) -> Volume:
    hu = np.random.default_rng(seed).normal(level, 20, (40, 50, 50)).astype(np.int16)
    return Volume.at(hu, (0, 0, 0), (4, 4, 4))


def code(volume: Volume, at=None) -> str:
    with pytest.raises(InputError) as caught:
        match(volume, at)
    return caught.value.code


def test_a_ct_without_bright_blood_has_no_heart():
    assert code(grey()) == "no-heart"


def test_noise_is_not_like_a_heart():
    assert code(grey(), (100, 100, 80)) == "no-heart"


@pytest.mark.parametrize("at", [(-1, 10, 10), (10, 300, 10)])
def test_the_heart_s_place_must_lie_in_the_ct(at):
    assert code(grey(), at) == "place-outside"
