"""The structure that all U-Nets share: down through the levels, and up again with the skips."""

from __future__ import annotations

from torch import Tensor, nn

__all__ = ["LevelNetwork"]


class LevelNetwork(nn.Module):
    """Image ``[N, 1, h, w]`` to one channel of the same size; a subclass defines the parts.

    ``first`` works at the full size; each of ``downs`` halves it; each of ``ups`` takes the deeper level and the skip
    of its own level; ``head`` gives the output channel.
    """

    first: nn.Module
    downs: nn.ModuleList
    ups: nn.ModuleList
    head: nn.Module

    def forward(self, image: Tensor) -> Tensor:
        """Go down to the deepest level, keep the output of each level, and go up again through these skips."""
        kept = [self.first(image)]  # [N, w, h, w]
        for layer in self.downs:
            kept.append(layer(kept[-1]))  # [N, 2^i w, h / 2^i, w / 2^i]
        x = kept.pop()
        for layer in self.ups:
            x = layer(x, kept.pop())
        return self.head(x)
