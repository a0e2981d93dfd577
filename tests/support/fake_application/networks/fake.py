"""The graph of the fake application."""

from torch import Tensor, nn


class Double(nn.Module):
    """``numbers`` to ``doubled``, both [number]."""

    def forward(self, numbers: Tensor) -> Tensor:
        return numbers * 2
