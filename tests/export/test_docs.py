"""The generated tensor reference."""

from pathlib import Path

import pytest

from scanserve.contracts import Application, Axis, ModelSpec, SetupError, TensorSpec, all_models
from scanserve.export.docs import render_tensors, write_docs

DOCS = Path(__file__).parents[2] / "docs"


def test_the_committed_reference_matches_the_contracts():
    assert write_docs(DOCS, check=True).name == "tensors.md"


def test_every_model_and_tensor_is_described():
    text = render_tensors()

    for spec in all_models():
        assert f"### `{spec.name}`" in text
        for tensor in (*spec.inputs, *spec.outputs):
            assert f"| `{tensor.name}` | {tensor.dtype} |" in text


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ({}, ""),
        ({"low": 0}, ">= 0"),
        ({"low": 0, "low_excluded": True}, "> 0"),
        ({"low": -1024, "high": 3071}, "-1024..3071"),
        ({"low": -0.5, "high": 160.0}, "-0.5..160"),
    ],
)
def test_bounds_are_put_in_words(bounds, words):
    tensor = TensorSpec("x", "FP32", (Axis("n", 3),), "Some numbers.", **bounds)
    application = Application("toy", "Toy", (ModelSpec("m", "", "graph", (tensor,), ()),))

    assert f"| `x` | FP32 | [n=3] | 1 | {words} |  | Some numbers. |" in render_tensors([application])


def test_tables_are_rectangular():
    blocks = [block.splitlines() for block in render_tensors().split("\n\n") if block.startswith("| ")]

    assert blocks
    for lines in blocks:
        assert {line.replace("\\|", "").count("|") for line in lines} == {lines[0].count("|")}


def test_drift_is_refused_and_left_alone(tmp_path):
    write_docs(tmp_path).write_text("old")

    with pytest.raises(SetupError, match=r"tensors\.md differs") as error:
        write_docs(tmp_path, check=True)

    assert error.value.code == "generated-files-drift"
    assert (tmp_path / "tensors.md").read_text() == "old"
