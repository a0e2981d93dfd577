from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import Tensor  # noqa: E402

from scanserve.contracts import SetupError, all_models, find_model  # noqa: E402
from scanserve.export.onnx_export import export_onnx  # noqa: E402
from scanserve.export.parity import TOLERANCES, compare, measure, write_report  # noqa: E402
from scanserve.networks.weights import sha256_of  # noqa: E402
from tests.support import toy_export as toy  # noqa: E402

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def data() -> bytes:
    return export_onnx(toy.Toy(), toy.SPEC, toy.sample())


def test_errors_are_absolute_and_relative_to_the_largest() -> None:
    expected = {"a": np.array([0.0, 4.0]), "b": np.array([250], np.uint8), "c": np.zeros(1)}
    found = {"a": np.array([0.5, 4.0]), "b": np.array([251], np.uint8), "c": np.zeros(1)}
    errors = compare(expected, found)
    assert (errors["a"].max_abs, errors["a"].max_rel) == (0.5, 0.125)
    assert (errors["b"].max_abs, errors["b"].max_rel) == (1.0, 1 / 250)
    assert (errors["c"].max_abs, errors["c"].max_rel) == (0.0, 0.0)


def test_the_report_names_the_file_and_every_output(data: bytes, tmp_path: Path) -> None:
    report = measure(toy.Toy(), toy.SPEC, data, [("one", toy.sample(3)), ("two", toy.sample(7))])
    assert report["onnx_sha256"] == sha256_of(data)
    assert [case["name"] for case in report["cases"]] == ["one", "two"]
    assert report["cases"][1]["inputs"] == {"values": [7]}
    assert set(report["cases"][0]["outputs"]) == {"twice", "bytes"}
    write_report(tmp_path / "parity.json", report)
    assert json.loads((tmp_path / "parity.json").read_text()) == report


@pytest.mark.parametrize(("scale", "offset", "output"), [(2.01, 0.5, "twice"), (2.0, 2.6, "bytes")])
def test_a_graph_that_differs_is_refused(data: bytes, scale: float, offset: float, output: str) -> None:
    class Other(toy.Toy):
        def forward(self, values: Tensor) -> tuple[Tensor, Tensor]:
            return values * scale, torch.floor(values + offset).to(torch.uint8)

    with pytest.raises(SetupError, match=f"output '{output}' of toy differs from torch") as caught:
        measure(Other(), toy.SPEC, data, [("sample", toy.sample())])
    assert caught.value.code == "export-parity"


def test_nan_is_never_within_tolerance(data: bytes) -> None:
    class Broken(toy.Toy):
        def forward(self, values: Tensor) -> tuple[Tensor, Tensor]:
            return values * float("nan"), torch.floor(values + 0.5).to(torch.uint8)

    with pytest.raises(SetupError, match="differs from torch by nan"):
        measure(Broken(), toy.SPEC, data, [("sample", toy.sample())])


_COMMITTED = Path(__file__).parents[2] / "model_repository"


@pytest.mark.parametrize("name", [spec.name for spec in all_models() if spec.kind != "ensemble"])
def test_the_committed_report_belongs_to_the_committed_onnx(name: str) -> None:
    folder = _COMMITTED / name
    if not (folder / "1" / "model.onnx").is_file():
        pytest.skip("not exported yet")
    report = json.loads((folder / "parity.json").read_text(encoding="utf-8"))
    assert report["onnx_sha256"] == sha256_of((folder / "1" / "model.onnx").read_bytes())
    assert {case["name"] for case in report["cases"]} == {"random", "real-shaped"}
    tolerances = {tensor.name: TOLERANCES[tensor.dtype] for tensor in find_model(name).outputs}
    assert report["tolerances"].items() <= tolerances.items()
