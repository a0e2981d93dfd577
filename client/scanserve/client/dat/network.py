"""A served network as a denoiser."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scanserve.client.dat.denoiser import Slices
from scanserve.client.runs.resilience import Infer
from scanserve.contracts import ModelSpec
from scanserve.contracts.dat import MAX_BATCH, NETWORKS

__all__ = ["Network"]


@dataclass(frozen=True)
class Network:
    """The network of one served model; ``infer`` sends it what it needs."""

    spec: ModelSpec
    infer: Infer

    @property
    def name(self) -> str:
        """The model's name."""
        return self.spec.name

    @property
    def title(self) -> str:
        """The network's name."""
        return NETWORKS[self.spec.name]

    @property
    def models(self) -> tuple[ModelSpec, ...]:
        """The one model."""
        return (self.spec,)

    def __call__(self, slices: Slices) -> Slices:
        """See :class:`~scanserve.client.dat.denoiser.Denoiser`; negative output, which means nothing, is 0."""
        parts = [self._part(slices[at : at + MAX_BATCH]) for at in range(0, len(slices), MAX_BATCH)]
        return np.maximum(np.concatenate(parts), 0)

    def _part(self, slices: Slices) -> Slices:
        batch = np.ascontiguousarray(slices[:, None], np.float32)
        return self.infer(self.spec, {"slices": batch})["restored"][:, 0]
