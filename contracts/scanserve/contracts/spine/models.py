"""The served models of vertebra keypoints: a fixed graph, two networks with the same tensors, and an ensemble."""

from __future__ import annotations

from scanserve.contracts.deployments import GRAPH, tensorrt_network
from scanserve.contracts.model import EnsembleStep, ModelSpec
from scanserve.contracts.spine import tensors
from scanserve.contracts.spine.facts import DEFAULT_NETWORK, MAX_BATCH, NETWORKS, PREPARE

__all__ = ["DETECT", "MODELS", "PREPARE_GRAPH"]

_DEPLOYMENTS = tensorrt_network()

PREPARE_GRAPH = ModelSpec(
    PREPARE,
    "A part of a frontal spine film, placed in the networks' frame without changing its proportions.",
    "graph",
    inputs=(tensors.FILM, tensors.BOX),
    outputs=(tensors.IMAGE, tensors.PLACEMENT),
    max_batch_size=MAX_BATCH,
    deployments=GRAPH,
)


def _network(name: str, title: str) -> ModelSpec:
    return ModelSpec(
        name,
        f"{title}: the four corners of 17 vertebrae in a frontal spine film, given the points that a reader has fixed.",
        "network",
        inputs=(tensors.IMAGE, tensors.HINTS, tensors.PREVIOUS),
        outputs=(tensors.FOUND, tensors.HEATMAPS),
        max_batch_size=MAX_BATCH,
        deployments=_DEPLOYMENTS,
        tensorrt=True,
    )


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


DETECT = ModelSpec(
    "spine_detect",
    "A part of a frontal spine film in, the corners of its vertebrae out; hints are zero in a first reading.",
    "ensemble",
    inputs=(tensors.FILM, tensors.BOX, tensors.HINTS, tensors.PREVIOUS),
    outputs=(tensors.IMAGE, tensors.PLACEMENT, tensors.FOUND, tensors.HEATMAPS),
    max_batch_size=MAX_BATCH,
    steps=(
        EnsembleStep(PREPARE, _same("film", "box"), _same("image", "placement")),
        EnsembleStep(DEFAULT_NETWORK, _same("image", "hints", "previous"), _same("points", "heatmaps")),
    ),
)

#: In the order of use; the networks in the order of :data:`~scanserve.contracts.spine.facts.NETWORKS`.
MODELS: tuple[ModelSpec, ...] = (
    PREPARE_GRAPH,
    *(_network(name, title) for name, title in NETWORKS.items()),
    DETECT,
)
