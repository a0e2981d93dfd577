"""The tensors of coronary CT angiography; see :mod:`scanserve.contracts.ccta` for the conventions."""

from __future__ import annotations

from scanserve.contracts.ccta.facts import (
    COARSE_SHAPE,
    COARSE_SPACING_MM,
    CROP_SHAPE,
    CROP_SPACING_MM,
    CROSS_PIXEL_MM,
    CROSS_SIZE,
    EVIDENCE_HIGH,
    EVIDENCE_HU,
    QUALITY_CLASSES,
    SECTION_MM,
    SECTIONS,
    STEP_MM,
    STEPS,
    VESSELS,
    WORKING_SHAPE,
    WORKING_SPACING_MM,
)
from scanserve.contracts.ct import AIR_HU, LARGEST_VOLUME_BYTES, MAX_HU, ORIGIN_MM, SPACING_MM
from scanserve.contracts.tensor import Axis, TensorSpec

__all__ = [
    "CAM",
    "CLASS_PROBABILITIES",
    "COARSE_IMAGE",
    "COARSE_MAPS",
    "CROPS",
    "CROP_ORIGIN",
    "CROP_SPACING",
    "HEATMAPS",
    "LENGTH",
    "ORIGIN",
    "PRESENCE",
    "QUALITY_SCORE",
    "RANKING",
    "SECTION_CLASS",
    "SECTION_QUALITY",
    "SPACING",
    "STRAIGHTENED",
    "VOLUME",
    "WORKING",
    "WORKING_ORIGIN",
]

_ALONG = "axes along +S, +P, +L"
_LPS = "LPS, (x, y, z)"

_ZYX = (Axis("z"), Axis("y"), Axis("x"))
_XYZ = Axis("xyz", 3)
_VESSEL = Axis("vessel", len(VESSELS))
_WORKING = tuple(Axis(name, size) for name, size in zip("zyx", WORKING_SHAPE, strict=True))
_COARSE = tuple(Axis(name, size) for name, size in zip("zyx", COARSE_SHAPE, strict=True))
_CROP = tuple(Axis(name, size) for name, size in zip("zyx", CROP_SHAPE, strict=True))
_SINGLE = Axis("one", 1)
_CLASS = Axis("class", len(QUALITY_CLASSES))
_SECTION = Axis("section", SECTIONS)

VOLUME = TensorSpec(
    "volume",
    "INT16",
    _ZYX,
    "CT volume, rescaled.",
    unit="HU",
    low=AIR_HU,
    high=MAX_HU,
    frame=_ALONG,
    most_bytes=LARGEST_VOLUME_BYTES,
)
SPACING = TensorSpec(
    "spacing",
    "FP32",
    (_XYZ,),
    "Voxel spacing of the volume.",
    unit="mm",
    low=SPACING_MM[0],
    high=SPACING_MM[1],
    frame="(x, y, z)",
    typical=(1, 4),
)
ORIGIN = TensorSpec(
    "origin",
    "FP32",
    (_XYZ,),
    "Centre of voxel [0, 0, 0] of the volume.",
    unit="mm",
    low=-ORIGIN_MM,
    high=ORIGIN_MM,
    frame=_LPS,
    typical=(0, 1),
)

WORKING = TensorSpec(
    "working",
    "INT16",
    _WORKING,
    f"The volume on the working grid ({WORKING_SPACING_MM:g} mm, centred on the volume); {AIR_HU} outside the volume.",
    unit="HU",
    low=AIR_HU,
    high=MAX_HU,
    frame=_ALONG,
)
WORKING_ORIGIN = TensorSpec(
    "working_origin",
    "FP32",
    (_XYZ,),
    "Centre of voxel [0, 0, 0] of the working grid.",
    unit="mm",
    frame=_LPS,
    typical=(0, 1),
)
COARSE_IMAGE = TensorSpec(
    "coarse",
    "FP32",
    (_SINGLE, Axis("channel", 2), *_COARSE),
    f"The coarse grid ({COARSE_SPACING_MM:g} mm): channel 0 the mean of each block of the working grid, windowed; "
    f"channel 1 the most evidence of a thin bright structure in the block, {EVIDENCE_HU:g} HU as 1, at most "
    f"{EVIDENCE_HIGH:g}.",
    low=-1,
    high=EVIDENCE_HIGH,
    frame=_ALONG,
)
COARSE_MAPS = TensorSpec(
    "coarse_maps",
    "FP32",
    (_SINGLE, _VESSEL, *_COARSE),
    "Centerline heat map of each vessel on the coarse grid.",
    low=0,
    high=1,
)

CROPS = TensorSpec(
    "crops",
    "FP32",
    (_VESSEL, Axis("channel", 2), *_CROP),
    f"One crop per vessel, whole voxels of the working grid ({CROP_SPACING_MM:g} mm): channel 0 the windowed image, "
    "channel 1 the vessel's coarse heat map.",
    low=-1,
    high=1,
    frame=_ALONG,
)
CROP_ORIGIN = TensorSpec(
    "crop_origin",
    "FP32",
    (_VESSEL, _XYZ),
    "Centre of voxel [0, 0, 0] of each crop.",
    unit="mm",
    frame=_LPS,
)
CROP_SPACING = TensorSpec(
    "crop_spacing",
    "FP32",
    (_XYZ,),
    "Voxel spacing of the crops.",
    unit="mm",
    frame="(x, y, z)",
)
PRESENCE = TensorSpec(
    "presence",
    "FP32",
    (_VESSEL,),
    "How surely the vessel was seen: the mean of the 32 highest values of its coarse heat map.",
    low=0,
    high=1,
)
HEATMAPS = TensorSpec(
    "heatmaps",
    "UINT8",
    (_VESSEL, *_CROP),
    "Centerline heat map of each vessel in its crop; 255 on the centerline.",
    unit="1/255",
    low=0,
    high=255,
    frame=_ALONG,
)

STRAIGHTENED = TensorSpec(
    "straightened",
    "INT16",
    (Axis("step", STEPS), Axis("row", CROSS_SIZE), Axis("column", CROSS_SIZE)),
    f"Straightened vessel: {STEP_MM:g} mm steps from the ostium, {CROSS_PIXEL_MM:g} mm pixels across, "
    f"centerline in the middle; {AIR_HU} beyond its end.",
    unit="HU",
    low=AIR_HU,
    high=MAX_HU,
    frame="vessel",
)
LENGTH = TensorSpec(
    "length",
    "FP32",
    (_SINGLE,),
    "Length of the vessel that is filled.",
    unit="mm",
    low=0,
    high=STEPS * STEP_MM,
)
CLASS_PROBABILITIES = TensorSpec(
    "class_probabilities",
    "FP32",
    (_CLASS,),
    "Probability of each quality class, worst to best.",
)
QUALITY_SCORE = TensorSpec(
    "quality",
    "FP32",
    (_SINGLE,),
    "Weighted quality: class probabilities times class weights.",
    low=0,
    high=1,
)
RANKING = TensorSpec(
    "ranking",
    "FP32",
    (_SINGLE,),
    "Ranking score: higher is better; comparable within one vessel of one study.",
)
CAM = TensorSpec(
    "cam",
    "FP32",
    (_CLASS, _SECTION),
    f"Class activation map along the vessel, {SECTION_MM:g} mm sections.",
)
SECTION_CLASS = TensorSpec(
    "section_class",
    "INT32",
    (_SECTION,),
    "Index of the class whose activation is strongest; -1 beyond the end.",
    low=-1,
    high=len(QUALITY_CLASSES) - 1,
)
SECTION_QUALITY = TensorSpec(
    "section_quality",
    "FP32",
    (_SECTION,),
    "Weighted quality of each section, softmax of the CAM; -1 beyond the end.",
    low=-1,
    high=1,
)
