from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
import onnx  # noqa: E402

from scanserve.contracts import find_model  # noqa: E402
from scanserve.contracts.spine import NETWORKS, PREPARE, SPINE  # noqa: E402
from scanserve.export.half import export_half  # noqa: E402
from scanserve.export.onnx_export import check_contract, export_model  # noqa: E402
from scanserve.export.operators import check_operators  # noqa: E402
from scanserve.export.parity import compare, run_onnx, run_torch  # noqa: E402
from scanserve.export.spine.builders import BUILDERS, build_network, samples  # noqa: E402
from scanserve.networks.spine import CONFIGS, build, draw  # noqa: E402
from tests.support.untrained import save_untrained  # noqa: E402

pytestmark = pytest.mark.torch


def write_untrained(weights: Path, name: str) -> None:
    """Thin networks whose heat maps are not all alike: without that, peaks would tie."""
    torch.manual_seed(0)
    config = {**CONFIGS[name], "width": 4}
    network = build(name, config)
    network.head.weight.data *= 40
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None
    with torch.no_grad():
        for _, inputs in samples(find_model(name)):
            image, hints, previous = (torch.from_numpy(inputs[key]) for key in ("image", "hints", "previous"))
            network.train()(image, draw(hints), draw(previous))
    save_untrained(weights / name, network, config)


def test_every_model_but_the_ensemble_has_a_builder() -> None:
    assert set(BUILDERS) == {model.name for model in SPINE.models if model.kind != "ensemble"}


@pytest.mark.parametrize("name", BUILDERS)
def test_samples_meet_the_contract(name: str) -> None:
    spec = find_model(name)
    for _, inputs in samples(spec):
        for tensor in spec.inputs:
            tensor.validate(inputs[tensor.name], batched=True)


def test_the_graph_meets_contract_and_parity(tmp_path: Path) -> None:
    path = export_model(PREPARE, tmp_path, tmp_path)
    check_contract(onnx.load(path), find_model(PREPARE))


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_meets_contract_parity_and_tensorrt(name: str, tmp_path: Path) -> None:
    write_untrained(tmp_path / "weights", name)
    path = export_model(name, tmp_path / "repository", tmp_path / "weights")
    check_contract(onnx.load(path), find_model(name))
    check_operators(path)


def test_batches_of_other_sizes_than_were_traced(tmp_path: Path) -> None:
    write_untrained(tmp_path, "spine_unet")
    data = export_model("spine_unet", tmp_path / "repository", tmp_path).read_bytes()
    spec, module = find_model("spine_unet"), build_network("spine_unet", tmp_path)
    _, inputs = samples(spec)[1]
    for count in (1, spec.max_batch_size):
        many = {
            name: np.ascontiguousarray(np.resize(array, (count, *array.shape[1:])))
            for name, array in inputs.items()
        }
        errors = compare(run_torch(module, spec, many), run_onnx(data, many))
        assert errors["points"].max_rel < 1e-3


@pytest.mark.parametrize("name", NETWORKS)
def test_half_precision_keeps_the_contract(name: str, tmp_path: Path) -> None:
    write_untrained(tmp_path, name)
    model = onnx.load(export_half(name, tmp_path / "half.onnx", tmp_path))
    check_contract(model, find_model(name))
    weights = {tensor.data_type for tensor in model.graph.initializer if len(tensor.dims) == 4}
    assert weights == {onnx.TensorProto.FLOAT16}
