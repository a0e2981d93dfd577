from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
import onnx  # noqa: E402

from scanserve.contracts import SetupError, find_model  # noqa: E402
from scanserve.contracts.ccta import CCTA  # noqa: E402
from scanserve.export.ccta.builders import BUILDERS, NETWORKS, build_network, samples  # noqa: E402
from scanserve.export.onnx_export import check_contract, export_model, export_onnx  # noqa: E402
from scanserve.export.parity import compare, run_onnx, run_torch  # noqa: E402
from scanserve.networks.ccta import Normalize  # noqa: E402
from scanserve.networks.ccta.served import served  # noqa: E402
from tests.support import untrained  # noqa: E402

pytestmark = pytest.mark.torch


def test_every_model_but_the_ensemble_has_a_builder() -> None:
    assert set(BUILDERS) == {model.name for model in CCTA.models if model.kind != "ensemble"}
    assert set(NETWORKS) == {model.name for model in CCTA.models if model.kind == "network"}


@pytest.mark.parametrize("name", sorted(BUILDERS))
def test_samples_meet_the_contract(name: str) -> None:
    spec = find_model(name)
    cases = samples(spec)
    assert [case for case, _ in cases] == ["random", "real-shaped"]
    for _, inputs in cases:
        for tensor in spec.inputs:
            tensor.validate(inputs[tensor.name], batched=spec.batched)


@pytest.mark.parametrize("name", ["ccta_normalize", "ccta_stage1", "ccta_quality"])
def test_export_from_weights_meets_contract_and_parity(name: str, tmp_path: Path) -> None:
    if name in NETWORKS:
        untrained.write_untrained_weights(tmp_path / "weights", name)
    path = export_model(name, tmp_path / "repository", tmp_path / "weights")
    check_contract(onnx.load(path), find_model(name))
    assert path.stat().st_size < 16e6


def test_weights_give_back_the_network(tmp_path: Path) -> None:
    untrained.write_untrained_weights(tmp_path, "ccta_quality")
    spec = find_model("ccta_quality")
    _, inputs = samples(spec)[0]
    expected = run_torch(served(untrained.thin_network("ccta_quality"), "ccta_quality"), spec, inputs)
    errors = compare(expected, run_torch(build_network("ccta_quality", tmp_path), spec, inputs))
    assert {error.max_abs for error in errors.values()} == {0.0}


def test_tampered_weights_build_nothing(tmp_path: Path) -> None:
    folder = untrained.write_untrained_weights(tmp_path, "ccta_quality")
    data = bytearray((folder / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (folder / "model.safetensors").write_bytes(data)
    with pytest.raises(SetupError) as caught:
        export_model("ccta_quality", tmp_path / "repository", tmp_path)
    assert caught.value.code == "weights-sha256"


def test_the_graph_takes_volumes_of_other_sizes_than_it_was_traced_with() -> None:
    spec = find_model("ccta_normalize")
    inputs = {
        "volume": np.random.default_rng(3).integers(-1024, 1500, (37, 91, 64)).astype(np.int16),
        "spacing": np.array([1.9, 0.45, 2.6], np.float32),
        "origin": np.array([5.0, -7.0, 11.0], np.float32),
    }
    data = export_onnx(Normalize(), spec, samples(spec)[0][1])
    assert len(data) < 1e6  # no constant volumes folded into the graph
    errors = compare(run_torch(Normalize(), spec, inputs), run_onnx(data, inputs))
    assert max(error.max_rel for error in errors.values()) < 1e-2  # a HU of rounding
