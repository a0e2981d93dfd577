"""The served models of coronary CT angiography."""

from __future__ import annotations

from scanserve.contracts.ccta import tensors
from scanserve.contracts.deployments import GRAPH, ORT_GPU, tensorrt_network
from scanserve.contracts.model import Deployment, EnsembleStep, ModelSpec

__all__ = ["CENTERLINE", "CROP", "NORMALIZE", "QUALITY", "STAGE1", "STAGE2"]

_NETWORK = tensorrt_network(a100_instances=2)
#: TensorRT has no INT16 and HU are sent as INT16, so the small quality network runs in ONNX Runtime on GPUs.
_INT16_NETWORK = {**_NETWORK, "t4": ORT_GPU, "a100": Deployment("onnxruntime", "KIND_GPU", 2)}

NORMALIZE = ModelSpec(
    "ccta_normalize",
    "CT volume of any size to the working grid (antialiased separable resampling), and its coarse image and evidence.",
    "graph",
    inputs=(tensors.VOLUME, tensors.SPACING, tensors.ORIGIN),
    outputs=(tensors.WORKING, tensors.WORKING_ORIGIN, tensors.COARSE_IMAGE),
    deployments=GRAPH,
)
STAGE1 = ModelSpec(
    "ccta_stage1",
    "3D ResUNet-50, stage 1: centerline heat maps of the three vessels in the whole volume.",
    "network",
    inputs=(tensors.COARSE_IMAGE,),
    outputs=(tensors.COARSE_MAPS,),
    deployments=_NETWORK,
    tensorrt=True,
)
CROP = ModelSpec(
    "ccta_crop",
    "Frames from the coarse heat maps; one crop of the working grid per vessel.",
    "graph",
    inputs=(tensors.WORKING, tensors.WORKING_ORIGIN, tensors.COARSE_MAPS),
    outputs=(tensors.CROPS, tensors.CROP_ORIGIN, tensors.CROP_SPACING, tensors.PRESENCE),
    deployments=GRAPH,
)
STAGE2 = ModelSpec(
    "ccta_stage2",
    "3D ResUNet-50, stage 2: the precise centerline heat map of each vessel in its crop.",
    "network",
    inputs=(tensors.CROPS,),
    outputs=(tensors.HEATMAPS,),
    deployments=_NETWORK,
    tensorrt=True,
)


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


CENTERLINE = ModelSpec(
    "ccta_centerline",
    "One CT phase in; per vessel a centerline heat map, its geometry and a presence score out.",
    "ensemble",
    inputs=(tensors.VOLUME, tensors.SPACING, tensors.ORIGIN),
    outputs=(tensors.HEATMAPS, tensors.CROP_ORIGIN, tensors.CROP_SPACING, tensors.PRESENCE),
    steps=(
        EnsembleStep(
            NORMALIZE.name,
            _same("volume", "spacing", "origin"),
            _same("working", "working_origin", "coarse"),
        ),
        EnsembleStep(STAGE1.name, _same("coarse"), _same("coarse_maps")),
        EnsembleStep(
            CROP.name,
            _same("working", "working_origin", "coarse_maps"),
            _same("crops", "crop_origin", "crop_spacing", "presence"),
        ),
        EnsembleStep(STAGE2.name, _same("crops"), _same("heatmaps")),
    ),
)

QUALITY = ModelSpec(
    "ccta_quality",
    "3D ResNet-50 with a classifier head and a ranking head: the motion quality of a straightened vessel.",
    "network",
    inputs=(tensors.STRAIGHTENED, tensors.LENGTH),
    outputs=(
        tensors.CLASS_PROBABILITIES,
        tensors.QUALITY_SCORE,
        tensors.RANKING,
        tensors.CAM,
        tensors.SECTION_CLASS,
        tensors.SECTION_QUALITY,
    ),
    max_batch_size=16,
    deployments=_INT16_NETWORK,
)
