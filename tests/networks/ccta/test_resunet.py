from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
from scanserve.networks.ccta import ResUNet50, ResUNetConfig  # noqa: E402
from scanserve.networks.ccta.resnet import STAGE_BLOCKS, Bottleneck, stage  # noqa: E402

pytestmark = pytest.mark.torch


@pytest.mark.parametrize(("inputs", "outputs", "shape"), [(1, 3, (32, 64, 32)), (2, 1, (64, 32, 32))])
def test_logits_have_the_resolution_of_the_image(inputs: int, outputs: int, shape: tuple[int, ...]) -> None:
    network = ResUNet50(ResUNetConfig(inputs, outputs, width=2)).eval()
    with torch.inference_mode():
        assert network(torch.zeros(2, inputs, *shape)).shape == (2, outputs, *shape)


def test_the_encoder_is_a_resnet_50() -> None:
    network = ResUNet50(ResUNetConfig(width=2))
    stages = (network.stage1, network.stage2, network.stage3, network.stage4)
    assert tuple(len(blocks) for blocks in stages) == STAGE_BLOCKS == (3, 4, 6, 3)
    # 50 layers: the stem, three convolutions in each of 16 bottlenecks, and the head
    assert 1 + 3 * sum(STAGE_BLOCKS) + 1 == 50


def test_bottleneck_parameters_have_the_closed_form() -> None:
    inputs, planes = 16, 8
    convolutions = inputs * planes + 27 * planes * planes + planes * 4 * planes + inputs * 4 * planes
    norms = 2 * (planes + planes + 4 * planes + 4 * planes)
    assert _count(Bottleneck(inputs, planes)) == convolutions + norms


def test_full_width_has_the_stage_sizes_of_resnet_50() -> None:
    # 2-D ResNet-50 (He et al. 2016) has 23.5 M in its stages; with 27 instead of 9 taps, 46.1 M.
    widths = [(64, 64, 3, 1), (256, 128, 4, 2), (512, 256, 6, 2), (1024, 512, 3, 2)]
    with torch.device("meta"):
        stages = [stage(*arguments) for arguments in widths]
    assert sum(map(_count, stages)) == pytest.approx(46.1e6, rel=0.01)
    assert stages[3][-1].expand[0].out_channels == 2048


def test_parameters_grow_with_the_square_of_the_width() -> None:
    thin, wide = (_count(ResUNet50(ResUNetConfig(width=width))) for width in (8, 16))
    assert 1.4e6 < thin < 2.0e6
    assert wide / thin == pytest.approx(4, rel=0.02)


def test_the_untrained_map_is_nearly_empty() -> None:
    torch.manual_seed(0)
    network = ResUNet50(ResUNetConfig(width=2)).eval()
    with torch.inference_mode():
        assert torch.sigmoid(network(torch.randn(1, 1, 32, 32, 32))).max() < 0.1


def test_a_bright_voxel_reaches_its_own_output_at_full_resolution() -> None:
    torch.manual_seed(0)
    network = ResUNet50(ResUNetConfig(out_channels=1, width=4)).eval()
    image = torch.zeros(1, 1, 32, 32, 32, requires_grad=True)
    network(image)[0, 0, 9, 17, 21].backward()
    nearby = image.grad[0, 0, 8:11, 16:19, 20:23].abs()
    assert nearby.max() == image.grad.abs().max() > 0


def test_the_deepest_stage_trains_in_fp32_beside_bfloat16() -> None:
    network, seen = ResUNet50(ResUNetConfig(width=2)), {}
    for name in ("stage3", "stage4"):
        stage_of_name = network.get_submodule(name)
        stage_of_name.register_forward_hook(lambda _, __, out, name=name: seen.update({name: out.dtype}))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        network(torch.zeros(2, 1, 64, 64, 64)).float().mean().backward()
    assert seen == {"stage3": torch.bfloat16, "stage4": torch.float32}
    assert all(weights.grad.isfinite().all() for weights in network.parameters() if weights.grad is not None)


def _count(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
