from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

pytest.importorskip("torch")
import torch

from scanserve.contracts.ccta import CROSS_SIZE, QUALITY_CLASSES, SECTIONS, STEPS
from scanserve.contracts.ct import AIR_HU
from scanserve.training.ccta.quality import (
    DRAWN,
    GROUPS,
    NOISE_HU,
    QUALITY_RECIPE,
    VesselSamples,
    _section_order,
    quality_logit,
)
from scanserve.training.ccta.vesselbank import NOISE_STEPS
from scanserve.training.recipe import Sources

pytestmark = pytest.mark.torch

#: The window that is mapped to -1..1 is this wide.
WINDOW_HU = 1200
#: Phases and filled steps of the made-up studies.
PHASES, FILLED = 8, 100


class Made:
    """A bank of one study: fat everywhere, noise of -1 or 1 standard deviation, blur that tells the phases apart."""

    def __init__(self, noise: bool) -> None:
        rng = np.random.default_rng(0)
        images = np.full((3, PHASES, STEPS, CROSS_SIZE, CROSS_SIZE), AIR_HU, np.int16)
        images[:, :, :FILLED] = -100
        blur = rng.permuted(np.tile(np.geomspace(0.1, 4, PHASES), (3, 1)), axis=1).astype(np.float32)
        sections = np.full((3, PHASES, SECTIONS), np.nan, np.float32)
        sections[..., :6] = blur[..., None]
        self.item = {
            "images": images,
            "blur": blur,
            "section_blur": sections,
            "length": np.full((3, PHASES), 50.0),
        }
        if noise:
            signs = np.zeros(images.shape, np.int8)
            signs[:, :, :FILLED] = NOISE_STEPS * rng.choice(
                [-1, 1], (3, PHASES, FILLED, CROSS_SIZE, CROSS_SIZE)
            )
            self.item["noise"] = signs

    def __len__(self) -> int:
        return 1

    def read(self, index: int) -> dict[str, npt.NDArray]:
        return self.item


@pytest.fixture(params=[True, False], ids=["noise of the scan", "no noise stored"])
def samples(request, monkeypatch, tmp_path) -> VesselSamples:
    monkeypatch.setattr("scanserve.training.ccta.quality.vessels_for", lambda *_: Made(request.param))
    return VesselSamples(Sources(tmp_path, tmp_path), 1, 0)


def test_a_batch_depends_on_its_step_alone(samples) -> None:
    first, again, other = samples.batch(3), samples.batch(3), samples.batch(4)
    for name in first:
        torch.testing.assert_close(first[name], again[name], rtol=0, atol=0, equal_nan=True)
    assert not torch.equal(first["image"], other["image"])


def test_a_group_has_different_phases_and_their_truth(samples) -> None:
    batch = samples.batch(0)
    assert batch["image"].shape == (GROUPS * DRAWN, 1, STEPS, CROSS_SIZE, CROSS_SIZE)
    assert batch["blur"].shape == (GROUPS, DRAWN)
    assert all(len(set(group.tolist())) == DRAWN for group in batch["blur"])
    assert batch["valid"].sum(1).tolist() == [6.0] * (GROUPS * DRAWN)


def test_every_phase_has_noise_within_the_range(samples) -> None:
    strengths = np.concatenate([_strengths(samples.batch(step)) for step in range(12)])
    # Gain and offset vary the fat by 23 HU at most; noise is what remains, up to half a percent by its few steps.
    assert NOISE_HU[0] * 0.98 < strengths.min() < 12
    assert 30 < strengths.max() < NOISE_HU[1] * 1.02
    assert len(np.unique(strengths)) == len(strengths)


def test_there_is_no_noise_beyond_the_end(samples) -> None:
    assert (samples.batch(0)["image"][:, :, FILLED:] == -1).all()


def _strengths(batch) -> npt.NDArray:
    return batch["image"][:, 0, :FILLED].flatten(1).std(1).numpy() * WINDOW_HU / 2


def test_the_losses_are_finite_and_summed() -> None:
    torch.manual_seed(0)
    model = QUALITY_RECIPE.build(QUALITY_RECIPE.config)
    groups, drawn = 2, 2
    blur = torch.tensor([[0.3, 2.0], [1.0, 4.0]])
    batch = {
        "image": torch.randn(groups * drawn, 1, STEPS, CROSS_SIZE, CROSS_SIZE),
        "valid": torch.ones(groups * drawn, SECTIONS),
        "blur": blur,
        "section_blur": blur.reshape(4, 1).expand(4, SECTIONS),
        "classes": torch.eye(4),
        "section_classes": torch.eye(4)[:, :, None].expand(4, 4, SECTIONS),
    }
    with torch.no_grad():
        terms = QUALITY_RECIPE.loss(model, batch)
    parts = [value for name, value in terms.items() if name != "total"]
    assert all(torch.isfinite(value) for value in parts)
    assert float(terms["total"]) == pytest.approx(float(sum(parts)), rel=1e-5)


def test_the_logit_of_a_section_is_that_of_its_served_quality() -> None:
    cam = 4 * torch.randn(3, 4, SECTIONS, generator=torch.Generator().manual_seed(1))
    weights = torch.tensor([grade.weight for grade in QUALITY_CLASSES])
    served = torch.einsum("c,ncs->ns", weights, torch.softmax(cam, dim=1))
    torch.testing.assert_close(torch.sigmoid(quality_logit(cam)), served)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_sections_are_ordered_across_the_phases_of_a_vessel(sign: float) -> None:
    # One section of each of two phases; the others have no truth.
    blur = torch.full((2, SECTIONS), torch.nan)
    blur[0, 0], blur[1, 0] = 0.05, 0.25
    cam = torch.zeros(2, 4, SECTIONS)
    cam[0, 3], cam[1, 3] = sign, -sign
    loss = _section_order(cam, blur, 1)
    difference = quality_logit(cam)[0, 0] - quality_logit(cam)[1, 0]
    assert loss.item() == pytest.approx(torch.nn.functional.softplus(-difference).item())
    assert torch.sign(difference) == sign


def test_vessels_are_not_compared_with_each_other() -> None:
    blur = torch.tensor([[0.1], [3.0]]).expand(2, SECTIONS)
    assert _section_order(torch.randn(2, 4, SECTIONS), blur, 2).item() == 0
