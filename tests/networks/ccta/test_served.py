from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import Tensor, nn  # noqa: E402

from scanserve.contracts.ccta import QUALITY, QUALITY_CLASSES  # noqa: E402
from scanserve.networks.ccta import QualityOutput, ServedQuality, ServedStage1, ServedStage2, window  # noqa: E402

pytestmark = pytest.mark.torch


class Echo(nn.Module):
    """Gives its first channel back as logits."""

    def forward(self, image: Tensor) -> Tensor:
        return image[:, :1]


class FixedCam(nn.Module):
    """A quality network with a known CAM: class ``s % 4`` wins in section ``s``."""

    def forward(self, image: Tensor, valid: Tensor) -> QualityOutput:
        cam = torch.zeros(len(image), 4, 20)
        for section in range(20):
            cam[:, section % 4, section] = 50.0
        logits = torch.tensor([[0.0, 0.0, 0.0, 50.0]]).repeat(len(image), 1)
        return QualityOutput(logits, image.amax(dim=(2, 3, 4)) + 0 * valid.sum(), cam)


def test_window_maps_the_hounsfield_range_and_clips() -> None:
    hu = torch.tensor([-1024.0, -350.0, 250.0, 850.0, 3071.0])
    torch.testing.assert_close(window(hu), torch.tensor([-1.0, -1.0, 0.0, 1.0, 1.0]))


def test_stage1_gives_probabilities() -> None:
    logits = torch.tensor([-100.0, 0.0, 100.0]).reshape(1, 1, 3, 1, 1)
    result = ServedStage1(Echo())(logits).flatten()
    torch.testing.assert_close(result, torch.tensor([0.0, 0.5, 1.0]))


def test_stage2_rounds_to_255_levels() -> None:
    logits = torch.logit(torch.tensor([0.5 / 255 - 1e-4, 0.5 / 255 + 1e-4, 0.5, 1.0 - 1e-6]))
    result = ServedStage2(Echo())(logits.reshape(1, 1, 4, 1, 1))
    assert result.dtype == torch.uint8
    assert result.shape == (1, 4, 1, 1)
    assert result.flatten().tolist() == [0, 1, 128, 255]


def test_quality_outputs_follow_the_contract() -> None:
    straightened = torch.full((2, 320, 32, 32), 250, dtype=torch.int16)
    length = torch.tensor([[160.0], [20.0]])
    results = ServedQuality(FixedCam())(straightened, length)
    for spec, result in zip(QUALITY.outputs, results, strict=True):
        spec.validate(result.numpy(), batched=True)
    probabilities, quality, ranking, _, section_class, section_quality = (r.numpy() for r in results)
    np.testing.assert_allclose(probabilities[0], [0, 0, 0, 1], atol=1e-6)
    np.testing.assert_allclose(quality, 1.0, atol=1e-6)
    np.testing.assert_allclose(ranking, 0.0, atol=1e-6)  # 250 HU is the middle of the window
    assert section_class[0].tolist() == [0, 1, 2, 3] * 5
    np.testing.assert_allclose(section_quality[0, :4], [c.weight for c in QUALITY_CLASSES], atol=1e-6)
    # 20 mm fill two sections of 8 mm and just half of the third
    assert section_class[1].tolist() == [0, 1, 2] + [-1] * 17
    assert (section_quality[1, 3:] == -1.0).all()
