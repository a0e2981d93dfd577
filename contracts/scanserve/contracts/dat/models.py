"""The served models of DaTSCAN denoising: ten networks with the same tensors."""

from __future__ import annotations

from scanserve.contracts.dat.facts import MAX_BATCH, NETWORKS
from scanserve.contracts.dat.tensors import RESTORED, SHORT
from scanserve.contracts.deployments import tensorrt_network
from scanserve.contracts.model import ModelSpec

__all__ = ["MODELS"]

_DEPLOYMENTS = tensorrt_network()


def _network(name: str, title: str) -> ModelSpec:
    return ModelSpec(
        name,
        f"{title}, 2-D: one short DaTSCAN slice restored toward the long acquisition.",
        "network",
        inputs=(SHORT,),
        outputs=(RESTORED,),
        max_batch_size=MAX_BATCH,
        deployments=_DEPLOYMENTS,
        tensorrt=True,
    )


#: In the order of :data:`~scanserve.contracts.dat.facts.NETWORKS`.
MODELS: tuple[ModelSpec, ...] = tuple(_network(name, title) for name, title in NETWORKS.items())
