"""Inputs made from the contract."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanserve.contracts import Axis, InputError, TensorSpec, find_model
from scanserve.contracts.ct import AIR_HU
from scanserve.perf.input_data import make_input, make_inputs, write_inputs
from scanserve.perf.profiles import find_profile, profile_names

RNG = np.random.default_rng(0)
VALUES = {"spacing": (0.4, 0.4, 0.5), "origin": (0, 0, 0)}


def small(seed=0):
    return make_inputs(find_model("ccta_centerline"), {"volume": (8, 16, 16)}, VALUES, seed=seed)


def test_inputs_follow_the_contract():
    inputs = small()

    assert set(inputs) == {"volume", "spacing", "origin"}
    for name, array in inputs.items():
        find_model("ccta_centerline").input(name).validate(array)


def test_a_seed_gives_the_same_inputs():
    np.testing.assert_array_equal(small(3)["volume"], small(3)["volume"])
    assert (small(3)["volume"] != small(4)["volume"]).any()


def test_a_volume_is_a_body_with_a_bright_heart():
    hu = make_inputs(find_model("ccta_centerline"), {"volume": (31, 31, 31)}, VALUES)["volume"]

    assert hu[15, 15, 15] > 200
    assert hu[0, 0, 0] < -900
    assert hu.min() >= AIR_HU


@given(low=st.integers(-1000, 999), width=st.integers(1, 1000))
@settings(max_examples=30)
def test_other_tensors_lie_in_their_stated_range(low, width):
    tensor = TensorSpec("x", "FP32", (Axis("n", 50),), "", low=low, high=low + width)
    made = make_input(tensor, RNG)

    assert made.min() >= low
    assert made.max() <= low + width


def test_a_dynamic_shape_must_be_given():
    with pytest.raises(InputError) as error:
        make_inputs(find_model("ccta_centerline"), {}, VALUES)
    assert error.value.code == "input-shape-missing"


def test_the_count_of_values_is_checked():
    with pytest.raises(InputError, match="needs 3 numbers but got 2"):
        make_inputs(find_model("ccta_centerline"), {"volume": (2, 2, 2)}, {"spacing": (1, 1)})


def test_a_shape_against_the_contract_is_refused():
    with pytest.raises(InputError) as error:
        make_inputs(find_model("ccta_centerline"), {"volume": (2, 2)}, VALUES)
    assert error.value.code == "tensor-shape"


def test_raw_files_hold_the_bytes_in_c_order(tmp_path):
    array = np.arange(6, dtype=np.int16).reshape(2, 3).T

    write_inputs(tmp_path / "in", {"x": array})

    assert (tmp_path / "in" / "x").read_bytes() == np.array([0, 3, 1, 4, 2, 5], "<i2").tobytes()


@pytest.mark.parametrize("profile", profile_names())
def test_every_load_that_ships_says_enough_to_make_its_inputs(profile):
    for load in find_profile(profile).loads:
        shapes = {name: (2,) * len(shape) for name, shape in load.shapes.items()}
        make_inputs(find_model(load.model), shapes, load.values)
