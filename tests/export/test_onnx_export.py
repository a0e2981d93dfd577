from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
import onnx  # noqa: E402
from torch import Tensor, nn  # noqa: E402

from scanserve.contracts import SetupError, all_models, find_model  # noqa: E402
from scanserve.export.onnx_export import check_contract, export_model, export_onnx, write_model  # noqa: E402
from scanserve.export.parity import run_onnx  # noqa: E402
from tests.support import toy_export as toy  # noqa: E402

pytestmark = pytest.mark.torch


def test_names_types_and_dynamic_axes_come_from_the_contract() -> None:
    data = export_onnx(toy.Toy(), toy.SPEC, toy.sample())
    graph = onnx.load_from_string(data).graph
    assert [value.name for value in graph.input] == ["values"]
    assert [value.name for value in graph.output] == ["twice", "bytes"]
    assert graph.input[0].type.tensor_type.shape.dim[0].dim_param == "n"
    found = run_onnx(data, {"values": np.array([0.2, 0.7], np.float32)})
    np.testing.assert_allclose(found["twice"], [0.4, 1.4], rtol=1e-6)
    assert found["bytes"].tolist() == [0, 1]


def test_bytes_are_the_same_every_time() -> None:
    assert export_onnx(toy.Toy(), toy.SPEC, toy.sample()) == export_onnx(toy.Toy(), toy.SPEC, toy.sample())


def test_a_network_of_other_inputs_is_refused() -> None:
    class Wide(nn.Module):
        def forward(self, values: Tensor) -> tuple[Tensor, Tensor]:
            return nn.Linear(3, 1)(values), values

    with pytest.raises(SetupError) as caught:
        export_onnx(Wide(), toy.SPEC, toy.sample(5))
    assert caught.value.code == "export-contract"


def test_the_graph_carries_no_trace_of_the_machine() -> None:
    data = export_onnx(toy.Toy(), toy.SPEC, toy.sample())
    assert str(Path(__file__).parents[2]).encode() not in data
    assert b".py" not in data


def test_batch_norm_is_folded() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.norm = nn.Conv1d(1, 1, 1, bias=False), nn.BatchNorm1d(1)

        def forward(self, values: Tensor) -> tuple[Tensor, Tensor]:
            y = self.norm(self.conv(values[None, None]))[0, 0]
            return y, torch.floor(y).to(torch.uint8)

    model = onnx.load_from_string(export_onnx(Net(), toy.SPEC, toy.sample()))
    assert "BatchNormalization" not in {node.op_type for node in model.graph.node}


@pytest.mark.parametrize(
    ("side", "change"),
    [("outputs", {"name": "other"}), ("outputs", {"dtype": "INT32"}), ("inputs", {"axes": ()})],
)
def test_a_graph_off_its_contract_is_refused(side: str, change: dict) -> None:
    model = onnx.load_from_string(export_onnx(toy.Toy(), toy.SPEC, toy.sample()))
    first, *rest = getattr(toy.SPEC, side)
    spec = dataclasses.replace(toy.SPEC, **{side: (dataclasses.replace(first, **change), *rest)})
    with pytest.raises(SetupError, match=f"the {side} of the ONNX graph of toy") as caught:
        check_contract(model, spec)
    assert caught.value.code == "export-contract"


def test_nothing_is_written_when_a_check_fails(tmp_path: Path) -> None:
    wrong = dataclasses.replace(toy.SPEC, outputs=tuple(reversed(toy.SPEC.outputs)))
    with pytest.raises(SetupError, match="the outputs of the ONNX graph"):
        write_model(toy.Toy(), wrong, [("sample", toy.sample())], tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_model_and_its_report_are_written(tmp_path: Path) -> None:
    path = write_model(toy.Toy(), toy.SPEC, [("sample", toy.sample())], tmp_path)
    assert path == tmp_path / "toy" / "1" / "model.onnx"
    assert (tmp_path / "toy" / "parity.json").is_file()


def test_an_ensemble_has_no_onnx(tmp_path: Path) -> None:
    with pytest.raises(SetupError) as caught:
        export_model("ccta_centerline", tmp_path, tmp_path)
    assert caught.value.code == "export-ensemble"


def test_without_trained_weights_nothing_is_exported(tmp_path: Path) -> None:
    with pytest.raises(SetupError) as caught:
        export_model("ccta_stage1", tmp_path / "repository", tmp_path / "weights")
    assert caught.value.code == "weights-missing"
    assert not (tmp_path / "repository").exists()


_COMMITTED = Path(__file__).parents[2] / "model_repository"


@pytest.mark.parametrize("name", [spec.name for spec in all_models() if spec.kind != "ensemble"])
def test_the_committed_onnx_meets_its_contract(name: str) -> None:
    path = _COMMITTED / name / "1" / "model.onnx"
    if not path.is_file():
        pytest.skip("not exported yet")
    check_contract(onnx.load(path), find_model(name))
