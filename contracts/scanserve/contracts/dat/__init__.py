"""The contracts of DaTSCAN SPECT denoising: I-123 ioflupane (dopamine transporter) brain SPECT.

A short acquisition is restored toward a long one, slice by slice, by one of ten networks with the same
tensors, so that a network is chosen by its model's name alone.

Conventions, for every tensor here:

- slices are transaxial, indexed ``[row, column]`` as the source stores them, cropped to their centre;
- a slice's values are its counts divided by the greatest count of that same slice in the source, before the
  crop: 0 is nothing, 1 the source slice's own maximum.  The restored slice stands on the same scale, so
  multiplying by that maximum leads back to counts.
"""

from __future__ import annotations

from collections.abc import Mapping

from scanserve.contracts.application import Application
from scanserve.contracts.model import Deployment, ModelSpec
from scanserve.contracts.tensor import Axis, TensorSpec

__all__ = [
    "DAT",
    "DENOISE",
    "IMAGE_SIZE",
    "MAX_BATCH",
    "NETWORKS",
    "PIXEL_MM",
    "REFERENCE_MINUTES",
    "SHORT_MINUTES",
    "SLICES",
]

#: Rows and columns of a slice on the way to a network: the centre of the reconstructed 128 x 128.
IMAGE_SIZE = 64
#: Slices per patient: the one of greatest maximum count, and two on either side.
SLICES = 5
#: Pixel of the acquisitions the networks are for, in mm.
PIXEL_MM = 3.29
#: The short acquisition that comes in, and the one it is restored toward, in minutes.
SHORT_MINUTES, REFERENCE_MINUTES = 5, 25
#: Slices that one execution takes at most: three patients.
MAX_BATCH = 16

#: The default model.
DENOISE = "dat_denoise"

#: Model -> the network behind it, in the order in which they are compared.
NETWORKS: Mapping[str, str] = {
    "dat_unet1": "U-Net, 1 level",
    "dat_unet2": "U-Net, 2 levels",
    "dat_unet3": "U-Net, 3 levels",
    DENOISE: "U-Net, 4 levels",
    "dat_unet5": "U-Net, 5 levels",
    "dat_vnet": "V-Net",
    "dat_unetpp": "U-Net++",
    "dat_r2unet": "R2U-Net",
    "dat_attention_unet": "Attention U-Net",
    "dat_transunet": "TransUNet",
}

_IMAGE = (Axis("channel", 1), Axis("row", IMAGE_SIZE), Axis("column", IMAGE_SIZE))
_SLICES = TensorSpec(
    "slices", "FP32", _IMAGE,
    f"Centre of a transaxial slice of the {SHORT_MINUTES}-minute acquisition, divided by the slice's greatest "
    "count.", "1", "0..1", "as acquired",
)  # fmt: skip
_RESTORED = TensorSpec(
    "restored", "FP32", _IMAGE,
    f"The slice as {REFERENCE_MINUTES} minutes would show it, on the scale of the input; never negative.",
    "1", ">= 0", "as acquired",
)  # fmt: skip


def _plan(instances: int) -> Deployment:
    plans = {"7.5": "t4.plan", "8.0": "a100.plan"}
    return Deployment("tensorrt", "KIND_GPU", instances, "model.plan", plans)


_DEPLOYMENTS = {
    "default": Deployment("onnxruntime", "KIND_AUTO"),
    "cpu": Deployment("openvino", "KIND_CPU"),
    "t4": _plan(1),
    "a100": _plan(1),
}


def _network(name: str, title: str) -> ModelSpec:
    return ModelSpec(
        name,
        f"{title}, 2-D: one short DaTSCAN slice restored toward the long acquisition.",
        "network",
        (_SLICES,),
        (_RESTORED,),
        max_batch_size=MAX_BATCH,
        queue_delay_us=2000,
        deployments=_DEPLOYMENTS,
        tensorrt=True,
    )


#: The application, as registered.
DAT = Application("dat", "DaTSCAN SPECT denoising", tuple(_network(*item) for item in NETWORKS.items()))
