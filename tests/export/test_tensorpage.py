"""The generated tensor reference."""

import pytest

from scanserve.contracts import Application, Axis, ModelSpec, TensorSpec, all_models
from scanserve.export.tensorpage import render_tensors


def test_every_model_and_tensor_is_described():
    text = render_tensors()

    for spec in all_models():
        assert f"### `{spec.name}`" in text
        for tensor in (*spec.inputs, *spec.outputs):
            assert f"| `{tensor.name}` | {tensor.dtype} |" in text


def test_a_bound_of_the_whole_tensor_is_said():
    tensor = TensorSpec("x", "FP32", (Axis("n"),), "Some numbers.", most_bytes=4000)
    application = Application("toy", "Toy", (ModelSpec("m", "", "graph", (tensor,), ()),))

    assert "| `x` | FP32 | [n], at most 4,000 bytes | 1 |" in render_tensors([application])


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ({}, ""),
        ({"low": 0}, ">= 0"),
        ({"low": -1024, "high": 3071}, "-1024..3071"),
        ({"low": -0.5, "high": 160.0}, "-0.5..160"),
    ],
)
def test_bounds_are_put_in_words(bounds, words):
    tensor = TensorSpec("x", "FP32", (Axis("n", 3),), "Some numbers.", **bounds)
    application = Application("toy", "Toy", (ModelSpec("m", "", "graph", (tensor,), ()),))

    assert f"| `x` | FP32 | [n=3] | 1 | {words} |  | Some numbers. |" in render_tensors([application])
