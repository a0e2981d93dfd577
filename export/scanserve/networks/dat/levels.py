"""What U-Nets of any kind have in common: down through the levels, and up again through what was kept."""

from __future__ import annotations

from torch import Tensor, nn

__all__ = ["LevelNetwork"]


class LevelNetwork(nn.Module):
    """Image ``[N, 1, h, w]`` to one channel of the same size; a subclass sets the parts.

    ``first`` works at the full size; each of ``downs`` halves it, each of ``ups`` takes the deeper level and what was
    kept of its own; ``head`` gives the one channel.
    """

    first: nn.Module
    downs: nn.ModuleList
    ups: nn.ModuleList
    head: nn.Module

    def forward(self, image: Tensor) -> Tensor:
        """Down to the deepest level, keeping each one, and up again through the kept ones."""
        kept = [self.first(image)]  # [N, w, h, w]
        for layer in self.downs:
            kept.append(layer(kept[-1]))  # [N, 2^i w, h / 2^i, w / 2^i]
        x = kept.pop()
        for layer in self.ups:
            x = layer(x, kept.pop())
        return self.head(x)
