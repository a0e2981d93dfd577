"""The arithmetic of a training step: bfloat16 where the device is faster with it, else FP32.

Processors without bfloat16 instructions emulate them: a step of the heat-map networks then takes many times as long as
in FP32.  What is faster is therefore measured, not assumed, on the operation that fills a step: a convolution.
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn

__all__ = ["Precision", "measured"]

#: The convolution that is timed: channels, edge of the volume in voxels (a GPU must be filled), and how often (the best
#: time counts).
CHANNELS, EDGE, TURNS = 16, {"cpu": 16, "cuda": 96}, 3


@dataclass(frozen=True)
class Precision:
    """What was measured on one device.

    Attributes:
        device: ``cpu`` or ``cuda``.
        fp32_s: seconds of the convolution, forward and backward, in FP32.
        bf16_s: the same in bfloat16.
    """

    device: str
    fp32_s: float
    bf16_s: float

    @property
    def bf16(self) -> bool:
        """Whether bfloat16 is used."""
        return self.bf16_s < self.fp32_s

    def context(self) -> AbstractContextManager:
        """The context in which a network computes."""
        return torch.autocast(self.device, dtype=torch.bfloat16, enabled=self.bf16)

    def __str__(self) -> str:
        used = "bfloat16" if self.bf16 else "FP32"
        return (
            f"{used} on {self.device}: a convolution takes {1e3 * self.fp32_s:.1f} ms in FP32 "
            f"and {1e3 * self.bf16_s:.1f} ms in bfloat16"
        )


@cache
def measured(device: str) -> Precision:
    """The faster arithmetic of ``device``, measured once a process."""
    kind = torch.device(device).type
    layer = nn.Conv3d(CHANNELS, CHANNELS, 3, padding=1).to(device)
    edge = EDGE[kind]
    image = torch.ones(1, CHANNELS, edge, edge, edge, device=device)
    image = image.contiguous(memory_format=torch.channels_last_3d)
    return Precision(kind, _seconds(layer, image, kind, bf16=False), _seconds(layer, image, kind, bf16=True))


def _seconds(layer: nn.Module, image: Tensor, kind: str, *, bf16: bool) -> float:
    """The shortest of a few turns; the first also warms up."""
    return min(_turn(layer, image, kind, bf16=bf16) for _ in range(TURNS))


def _turn(layer: nn.Module, image: Tensor, kind: str, *, bf16: bool) -> float:
    _wait(kind)
    began = time.perf_counter()
    # A validation, without gradients, may be the first to ask.
    with torch.enable_grad(), torch.autocast(kind, dtype=torch.bfloat16, enabled=bf16):
        total = layer(image).float().mean()
    total.backward()
    _wait(kind)
    return time.perf_counter() - began


def _wait(kind: str) -> None:
    """A GPU works on after the call has returned."""
    if kind == "cuda":
        torch.cuda.synchronize()
