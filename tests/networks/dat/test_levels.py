from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from scanserve.networks.dat.levels import LevelNetwork  # noqa: E402

pytestmark = pytest.mark.torch


class Sum(nn.Module):
    """The deeper level at twice its size, plus what was kept."""

    def forward(self, deep: torch.Tensor, skip: torch.Tensor) -> torch.Tensor:
        return deep.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3) + skip


class Averages(LevelNetwork):
    """Two halvings without weights."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Identity()
        self.downs = nn.ModuleList(nn.AvgPool2d(2) for _ in range(2))
        self.ups = nn.ModuleList(Sum() for _ in range(2))
        self.head = nn.Identity()


def test_every_level_joins_what_was_kept_at_its_size() -> None:
    image = torch.ones(1, 1, 8, 8)
    assert torch.equal(Averages()(image), 3 * image)
