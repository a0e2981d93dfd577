from __future__ import annotations

import numpy as np
import pytest

from scanserve.contracts import Axis, TensorSpec, all_models
from scanserve.contracts.ccta import CENTERLINE, QUALITY
from scanserve.server.canary import canary_inputs
from scanserve.server.gate.head import Input, Window
from scanserve.server.gate.refusal import Refusal
from scanserve.server.gate.values import check_values, is_small


def check(contract, *values):
    content = np.array(values, contract.numpy_dtype).tobytes()
    check_values(contract, Input(contract.name, contract.dtype, (len(values),), Window("", 0, 0)), content)


def refusal(contract, *values):
    with pytest.raises(Refusal) as caught:
        check(contract, *values)
    return caught.value.details


def test_few_numbers_are_small_whatever_the_request():
    small = {spec.name: [one.name for one in spec.inputs if is_small(one)] for spec in (CENTERLINE, QUALITY)}
    assert small == {"ccta_centerline": ["spacing", "origin"], "ccta_quality": ["length"]}
    assert not is_small(TensorSpec("x", "FP32", (Axis("any"),), ""))


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_numbers_are_finite(number):
    assert "finite" in refusal(TensorSpec("x", "FP32", (Axis("n", 3),), ""), 1, number, 1)
    assert "finite" in refusal(TensorSpec("x", "FP16", (Axis("n", 3),), ""), 1, number, 1)


@pytest.mark.parametrize("number", [0.0, -1.0, 1e-30, 0.0099, 100.5, 3e38])
def test_spacing_is_in_its_range(number):
    assert "0.01 and at most 100 mm" in refusal(CENTERLINE.input("spacing"), 1, 1, number)


@pytest.mark.parametrize("number", [-10_001, 10_001, 1e30])
def test_an_origin_is_not_too_far(number):
    assert "'origin'" in refusal(CENTERLINE.input("origin"), 0, number, 0)


def test_bounds_themselves_pass():
    for contract in (CENTERLINE.input("spacing"), CENTERLINE.input("origin"), QUALITY.input("length")):
        check(contract, contract.low, contract.high, contract.low)


def test_one_bound_is_enough():
    contract = TensorSpec("x", "INT32", (Axis("n", 3),), "", low=3)
    check(contract, 3)
    assert "at least 3" in refusal(contract, 2)


@pytest.mark.parametrize("spec", all_models(), ids=lambda spec: spec.name)
def test_canaries_pass(spec):
    for name, array in canary_inputs(spec).items():
        if is_small(spec.input(name)):
            check(spec.input(name), *array.ravel())
