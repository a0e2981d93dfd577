from __future__ import annotations

import math

import grpc
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanserve.contracts import DTYPES, Axis, ModelSpec, TensorSpec, all_models
from scanserve.server.gate.head import Head, Input, Output, Window
from scanserve.server.gate.refusal import Refusal
from scanserve.server.gate.rules import check_request, largest_request

VOLUME = TensorSpec("volume", "INT16", (Axis("z", None, 8), Axis("y", None, 8)), "", most_bytes=80)
LENGTH = TensorSpec("length", "FP32", (Axis("one", 1),), "")
PLAIN = ModelSpec("plain", "", "graph", (VOLUME, LENGTH), (LENGTH,))
BATCHED = ModelSpec("batched", "", "network", (LENGTH,), (LENGTH,), max_batch_size=4)


def given_input(name, dtype, shape, size=None):
    wanted = math.prod(shape) * DTYPES.get(dtype, np.dtype(np.int16)).itemsize
    return Input(name, dtype, tuple(shape), Window("r", 0, wanted if size is None else size))


def head(spec, *inputs, outputs=(), version="", identity=""):
    return Head(spec.name, version, identity, inputs, tuple(Output(name, None) for name in outputs))


def plain(shape=(2, 3), dtype="INT16", size=None, **options):
    volume = given_input("volume", dtype, shape, size)
    return head(PLAIN, volume, given_input("length", "FP32", (1,)), **options)


def refusal(spec, asked):
    with pytest.raises(Refusal) as caught:
        check_request(spec, asked)
    assert caught.value.status is grpc.StatusCode.INVALID_ARGUMENT
    return caught.value.details


def test_a_proper_request_passes():
    assert check_request(PLAIN, plain(outputs=["length"], version="1", identity="me")) == 1
    assert check_request(PLAIN, plain((8, 5))) == 1


@pytest.mark.parametrize("spec", all_models(), ids=lambda spec: spec.name)
def test_the_largest_request_of_every_contract_passes_and_one_more_does_not(spec):
    batch = [spec.max_batch_size] if spec.batched else []
    inputs = []
    for tensor in spec.inputs:
        room = tensor.largest_bytes // tensor.numpy_dtype.itemsize
        shape = []
        for axis in tensor.axes:
            shape.append(min(axis.size or axis.maximum, room))
            room //= shape[-1]
        inputs.append(given_input(tensor.name, tensor.dtype, [*batch, *shape]))
    asked = head(spec, *inputs)
    assert check_request(spec, asked) == max(1, spec.max_batch_size)
    assert sum(tensor.size for tensor in inputs) <= largest_request(spec)
    first, *rest = inputs
    longer = (first.shape[0] * 2049, *first.shape[1:])
    refusal(spec, head(spec, given_input(first.name, first.dtype, longer), *rest))


@pytest.mark.parametrize(
    "shape",
    [(-2, -2), (0, 3), (9, 1), (1, 9), (2**62, 4), (-(2**63), 2), (2,), (), (2, 3, 1), (1,) * 500],
)
def test_axes_have_signs_limits_and_a_number(shape):
    details = refusal(PLAIN, plain(shape, size=0))
    assert "'volume'" in details
    assert "z 1 to 8" in details
    assert len(details) < 300


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=4), st.integers(0, 300))
def test_only_shapes_of_the_contract_pass(shape, size):
    fits = len(shape) == 2 and all(1 <= axis <= 8 for axis in shape)
    try:
        check_request(PLAIN, plain(tuple(shape), size=size))
    except Refusal:
        return
    assert fits
    assert math.prod(shape) * 2 == size <= 80


def test_all_axes_together_have_a_limit():
    assert "80 bytes" in refusal(PLAIN, plain((8, 8)))


@pytest.mark.parametrize("size", [0, 11, 13, 2**62])
def test_bytes_fit_the_shape(size):
    assert f"must have 12 bytes for shape [2, 3] but has {size}" in refusal(PLAIN, plain(size=size))


@pytest.mark.parametrize("dtype", ["FP32", "UINT16", "int16", "", "BYTES"])
def test_another_type_is_refused(dtype):
    assert "INT16" in refusal(PLAIN, plain(dtype=dtype))


def test_inputs_come_each_once():
    volume, length = given_input("volume", "INT16", (1, 1)), given_input("length", "FP32", (1,))
    for inputs in ((volume,), (volume, length, length), (volume, volume), (), (length, length)):
        assert "length, volume" in refusal(PLAIN, head(PLAIN, *inputs))


@pytest.mark.parametrize("outputs", [["volume"], ["length", "length"], [""]])
def test_outputs_are_known_and_come_once(outputs):
    assert "length" in refusal(PLAIN, plain(outputs=outputs))


@pytest.mark.parametrize(
    "options", [{"version": "-1"}, {"version": "1" * 10}, {"version": "x"}, {"identity": "x" * 257}]
)
def test_versions_are_numbers_and_ids_short(options):
    refusal(PLAIN, plain(**options))


@pytest.mark.parametrize("batch", [1, 4])
def test_a_batch_counts_its_items(batch):
    assert check_request(BATCHED, head(BATCHED, given_input("length", "FP32", (batch, 1)))) == batch


@pytest.mark.parametrize("shape", [(0, 1), (5, 1), (-1, 1), (1,), (2, 2)])
def test_a_batch_has_limits(shape):
    assert "batch 1 to 4" in refusal(BATCHED, head(BATCHED, given_input("length", "FP32", shape, 0)))


def test_a_batch_has_one_size():
    both = ModelSpec("both", "", "network", (LENGTH, TensorSpec("x", "FP32", (), "")), (), max_batch_size=4)
    asked = head(both, given_input("length", "FP32", (2, 1)), given_input("x", "FP32", (3,)))
    assert "one batch size" in refusal(both, asked)
