from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
import onnx  # noqa: E402

from scanserve.contracts import find_model  # noqa: E402
from scanserve.contracts.dat import DAT  # noqa: E402
from scanserve.export.dat.builders import BUILDERS, build_network, samples  # noqa: E402
from scanserve.export.half import export_half  # noqa: E402
from scanserve.export.onnx_export import check_contract, export_model  # noqa: E402
from scanserve.export.operators import check_operators  # noqa: E402
from scanserve.export.parity import compare, run_onnx, run_torch  # noqa: E402
from scanserve.networks.dat import CONFIGS, build  # noqa: E402
from tests.support.untrained import save_untrained  # noqa: E402

pytestmark = pytest.mark.torch


def write_untrained(weights: Path, name: str) -> None:
    torch.manual_seed(0)
    save_untrained(weights / name, build(name, CONFIGS[name]), CONFIGS[name])


def test_every_model_has_a_builder() -> None:
    assert set(BUILDERS) == {model.name for model in DAT.models}


def test_samples_meet_the_contract() -> None:
    spec = DAT.models[0]
    cases = samples(spec)
    assert [case for case, _ in cases] == ["random", "real-shaped"]
    for _, inputs in cases:
        spec.input("slices").validate(inputs["slices"], batched=True)
        assert inputs["slices"].min() >= 0
        assert inputs["slices"].max() <= 1


@pytest.mark.parametrize("name", sorted(BUILDERS))
def test_every_network_meets_contract_parity_size_and_tensorrt(name: str, tmp_path: Path) -> None:
    write_untrained(tmp_path / "weights", name)
    path = export_model(name, tmp_path / "repository", tmp_path / "weights")
    check_contract(onnx.load(path), find_model(name))
    check_operators(path)
    assert path.stat().st_size < 8e6


def test_batches_of_other_sizes_than_were_traced(tmp_path: Path) -> None:
    write_untrained(tmp_path, "dat_transunet")
    data = export_model("dat_transunet", tmp_path / "repository", tmp_path).read_bytes()
    spec, module = find_model("dat_transunet"), build_network("dat_transunet", tmp_path)
    for count in (1, spec.max_batch_size):
        inputs = {"slices": torch.rand(count, 1, 64, 64).numpy()}
        errors = compare(run_torch(module, spec, inputs), run_onnx(data, inputs))
        assert errors["restored"].max_rel < 1e-3


@pytest.mark.parametrize("name", ["dat_denoise", "dat_transunet"])
def test_half_precision_keeps_the_contract(name: str, tmp_path: Path) -> None:
    write_untrained(tmp_path, name)
    model = onnx.load(export_half(name, tmp_path / "half.onnx", tmp_path))
    check_contract(model, find_model(name))
    weights = {tensor.data_type for tensor in model.graph.initializer if len(tensor.dims) == 4}
    assert weights == {onnx.TensorProto.FLOAT16}
