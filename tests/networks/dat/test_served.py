from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
from torch import Tensor, nn  # noqa: E402

from scanserve.contracts.dat import DAT, DENOISE, IMAGE_SIZE  # noqa: E402
from scanserve.networks.dat import ServedDenoise, restore  # noqa: E402

pytestmark = pytest.mark.torch


class Less(nn.Module):
    """Takes a half off every pixel, in half precision."""

    def forward(self, slices: Tensor) -> Tensor:
        return torch.full_like(slices, -0.5, dtype=torch.bfloat16)


def test_the_correction_is_added_in_single_precision() -> None:
    slices = torch.tensor([0.2501, 1.0]).reshape(1, 1, 1, 2)
    restored = restore(Less(), slices)
    assert restored.dtype == torch.float32
    torch.testing.assert_close(restored.flatten(), torch.tensor([-0.2499, 0.5]), rtol=0, atol=1e-7)


def test_counts_are_never_negative_and_meet_the_contract() -> None:
    slices = torch.linspace(0, 1, 2 * IMAGE_SIZE**2).reshape(2, 1, IMAGE_SIZE, IMAGE_SIZE)
    restored = ServedDenoise(Less())(slices)
    DAT.model(DENOISE).output("restored").validate(restored.numpy(), batched=True)
    torch.testing.assert_close(restored, (slices - 0.5).clamp_min(0))
