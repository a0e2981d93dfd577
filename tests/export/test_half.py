from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
import onnx  # noqa: E402

from scanserve.contracts import InputError, SetupError, find_model  # noqa: E402
from scanserve.export.ccta.builders import samples  # noqa: E402
from scanserve.export.half import check_half, export_half, fold_norms  # noqa: E402
from scanserve.export.onnx_export import check_contract  # noqa: E402
from tests.support import untrained  # noqa: E402

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("name", ["ccta_stage1", "ccta_quality"])
def test_weights_are_half_and_the_contract_keeps_its_types(name: str, tmp_path: Path) -> None:
    untrained.write_untrained_weights(tmp_path, name)
    model = onnx.load(export_half(name, tmp_path / "half.onnx", tmp_path))
    check_contract(model, find_model(name))
    types = {tensor.name: tensor.data_type for tensor in model.graph.initializer}
    convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
    weights = {types[parameter] for node in convolutions for parameter in node.input[1:]}
    assert len(convolutions) >= 53
    assert weights == {onnx.TensorProto.FLOAT16}
    assert "BatchNormalization" not in {node.op_type for node in model.graph.node}


def test_folding_keeps_the_function_and_the_original() -> None:
    network = untrained.thin_network("ccta_stage1")
    image = torch.from_numpy(samples(find_model("ccta_stage1"))[0][1]["coarse"])[..., :32, :32, :32]
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    folded = fold_norms(network)
    with torch.inference_mode():
        torch.testing.assert_close(folded(image), network(image), rtol=1e-4, atol=1e-4)
    assert not any(isinstance(module, torch.nn.BatchNorm3d) for module in folded.modules())
    assert all(torch.equal(before[name], tensor) for name, tensor in network.state_dict().items())


def test_images_fold_like_volumes() -> None:
    network = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.ReLU()).eval()
    torch.nn.init.uniform_(network[1].running_mean, -1, 1)
    folded, image = fold_norms(network), torch.rand(1, 1, 8, 8)
    assert isinstance(folded[1], torch.nn.Identity)
    with torch.inference_mode():
        torch.testing.assert_close(folded(image), network(image))


def test_a_half_graph_that_differs_is_refused() -> None:
    spec = find_model("ccta_stage1")
    maps = np.linspace(0, 1, 100, dtype=np.float32)
    check_half(spec, "same", {"coarse_maps": maps}, {"coarse_maps": maps + 0.005})
    with pytest.raises(SetupError, match=r"in half precision differs from FP32 by 0\.02") as caught:
        check_half(spec, "other", {"coarse_maps": maps}, {"coarse_maps": maps + 0.02})
    assert caught.value.code == "export-parity"


@pytest.mark.parametrize("name", ["ccta_crop", "ccta_centerline"])
def test_only_networks_have_a_half_precision_export(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        export_half(name, tmp_path / "half.onnx", tmp_path)
    assert caught.value.code == "precision-kind"
