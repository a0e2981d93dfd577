from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts.ccta import CROSS_SIZE, SECTIONS, STEPS  # noqa: E402
from scanserve.networks.ccta import QualityConfig, ResNet50Quality, masked_mean, valid_sections  # noqa: E402
from scanserve.networks.ccta.resnet import STAGE_BLOCKS  # noqa: E402

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def network() -> ResNet50Quality:
    torch.manual_seed(0)
    return ResNet50Quality(QualityConfig(width=4)).eval()


@pytest.fixture(scope="module")
def image() -> torch.Tensor:
    return torch.randn(3, 1, STEPS, CROSS_SIZE, CROSS_SIZE, generator=torch.Generator().manual_seed(1))


def test_output_shapes(network: ResNet50Quality, image: torch.Tensor) -> None:
    with torch.inference_mode():
        output = network(image, torch.ones(3, SECTIONS))
    assert output.class_logits.shape == (3, 4)
    assert output.ranking.shape == (3, 1)
    assert output.cam.shape == (3, 4, SECTIONS)


def test_pooled_logits_are_the_masked_mean_of_the_cam(network: ResNet50Quality, image: torch.Tensor) -> None:
    valid = valid_sections(torch.tensor([[160.0], [41.0], [0.0]]))
    with torch.inference_mode():
        output = network(image, valid)
    for case in range(3):
        mean = output.cam[case][:, valid[case]].mean(dim=1)
        torch.testing.assert_close(output.class_logits[case], mean)


def test_sections_beyond_the_end_do_not_count() -> None:
    values = torch.zeros(1, 2, SECTIONS)
    values[:, :, :3] = torch.tensor([1.0, 2.0, 6.0])
    values[:, :, 3:] = 1e6
    valid = torch.arange(SECTIONS).unsqueeze(0) < 3
    torch.testing.assert_close(masked_mean(values, valid), torch.full((1, 2), 3.0))


@pytest.mark.parametrize(
    ("length", "count"),
    [(0.0, 1), (3.9, 1), (8.0, 1), (11.9, 1), (12.0, 2), (160.0, SECTIONS), (999.0, SECTIONS)],
)
def test_a_section_is_valid_when_half_filled(length: float, count: int) -> None:
    valid = valid_sections(torch.tensor([[length]]))
    assert valid.tolist() == [[True] * count + [False] * (SECTIONS - count)]


def test_the_cam_is_local_along_the_vessel(network: ResNet50Quality) -> None:
    """A change in the last quarter moves the last sections more than the first."""
    torch.manual_seed(2)
    plain = torch.zeros(1, 1, STEPS, CROSS_SIZE, CROSS_SIZE)
    changed = plain.clone()
    changed[:, :, 3 * STEPS // 4 :] = 1.0
    with torch.inference_mode():
        moved = (network(changed, torch.ones(1, SECTIONS)).cam - network(plain, torch.ones(1, SECTIONS)).cam)[
            0
        ]
    assert moved[:, -4:].abs().mean() > 10 * moved[:, :4].abs().mean()


def test_it_is_a_resnet_50(network: ResNet50Quality) -> None:
    stages = (network.stage1, network.stage2, network.stage3, network.stage4)
    assert tuple(len(blocks) for blocks in stages) == STAGE_BLOCKS
