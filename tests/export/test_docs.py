"""The generated tensor reference."""

from pathlib import Path

import pytest

from scanserve.contracts import SetupError, all_models
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
