import numpy as np
import pytest

from scanserve.client.spine.hints import Hint, check_hints, tensors
from scanserve.contracts import InputError

SHAPE = (900, 400)


def refusal(*hints):
    with pytest.raises(InputError) as refused:
        check_hints(hints, SHAPE)
    return refused.value


def test_hints_in_the_film_are_taken():
    check_hints([Hint(0, (0, 0)), Hint(67, (399, 899)), Hint(5, (-0.5, 899.5))], SHAPE)


@pytest.mark.parametrize(
    "place", [(-1, 5), (400, 5), (5, -0.6), (5, 900), (float("nan"), 5), (float("inf"), 5)]
)
def test_hints_outside_of_the_film_are_refused(place):
    assert refusal(Hint(3, place)).code == "hint-outside-image"
    assert "T1 bottom-right" in refusal(Hint(3, place)).message


@pytest.mark.parametrize("point", [-1, 68, 1000])
def test_hints_of_no_corner_are_refused(point):
    assert refusal(Hint(point, (5, 5))).code == "hint-unknown-point"


def test_a_corner_that_is_fixed_twice_is_refused():
    assert refusal(Hint(7, (5, 5)), Hint(7, (6, 6))).code == "hint-repeated"


def test_tensors_hold_places_and_flags():
    tensor = tensors({2: np.array([10.0, 20.0])})
    assert tensor.shape == (1, 68, 3)
    assert tensor[0, 2].tolist() == [10, 20, 1]
    assert tensor.sum() == 31
