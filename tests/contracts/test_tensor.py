"""TensorSpec: shapes as Triton writes them, and what validation accepts."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanserve.contracts import DTYPES, Axis, InputError, TensorSpec

SPEC = TensorSpec("volume", "INT16", (Axis("z", None, 8), Axis("y", 4)), "A volume.")


def refusal(array, **options):
    with pytest.raises(InputError) as error:
        SPEC.validate(array, **options)
    return error.value


def test_shape_marks_dynamic_axes():
    assert SPEC.shape == (-1, 4)
    assert SPEC.numpy_dtype == np.int16


def test_axes_read_as_names_with_sizes():
    assert [str(axis) for axis in SPEC.axes] == ["z", "y=4"]


@given(size=st.integers(-1, 12))
def test_a_dynamic_axis_takes_one_to_its_maximum(size):
    array = np.zeros((max(size, 0), 4), np.int16)
    if 1 <= array.shape[0] <= 8:
        SPEC.validate(array)
    else:
        assert refusal(array).code == "tensor-shape"


@pytest.mark.parametrize("shape", [(2, 5), (2, 3), (2,), (1, 2, 4), ()])
def test_wrong_axes_are_named(shape):
    error = refusal(np.zeros(shape, np.int16))

    assert error.code == "tensor-shape"
    assert error.message == f"tensor 'volume' must have axes (z, y=4) but has shape {shape}."


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.float32, np.dtype(">i2")])
def test_another_dtype_is_refused(dtype):
    assert refusal(np.zeros((2, 4), dtype)).code == "tensor-dtype"


def test_a_batch_axis_is_only_taken_when_asked_for():
    SPEC.validate(np.zeros((3, 2, 4), np.int16), batched=True)
    assert refusal(np.zeros((2, 4), np.int16), batched=True).code == "tensor-shape"


def test_bounds_are_numbers_or_absent():
    assert (SPEC.low, SPEC.high) == (None, None)


@pytest.mark.parametrize(
    ("bounds", "drawn_from"),
    [
        ({}, (0, 1)),
        ({"low": 5}, (0, 1)),
        ({"low": 5, "high": 9}, (5, 9)),
        ({"low": 5, "high": 9, "typical": (6, 7)}, (6, 7)),
    ],
)
def test_synthetic_values_are_typical_ones(bounds, drawn_from):
    assert replace(SPEC, **bounds).drawn_from == drawn_from


def test_the_largest_tensor_has_the_largest_axes_unless_it_is_bounded_itself():
    assert SPEC.largest_bytes == 8 * 4 * 2
    assert replace(SPEC, most_bytes=40).largest_bytes == 40
    assert replace(SPEC, most_bytes=400).largest_bytes == 64


@pytest.mark.parametrize("name", DTYPES)
def test_every_data_type_has_the_size_its_name_says(name):
    assert DTYPES[name].itemsize * 8 == int("".join(filter(str.isdigit, name)))
