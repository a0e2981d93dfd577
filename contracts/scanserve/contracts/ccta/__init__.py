"""The contracts of coronary CT angiography (CCTA).

Conventions, for every tensor here:

- volumes and maps are indexed ``[z, y, x]``; the axes grow toward superior, posterior and left
  (DICOM's LPS patient frame), so a volume must be axis-aligned before it is sent;
- physical vectors (``spacing``, ``origin``) are ``(x, y, z)`` in millimetres, LPS;
- an origin is the centre of voxel ``[0, 0, 0]``;
- vessels are always in the order of :data:`VESSELS`.
"""

from __future__ import annotations

from dataclasses import dataclass

from scanserve.contracts.application import Application
from scanserve.contracts.model import Deployment, EnsembleStep, ModelSpec
from scanserve.contracts.tensor import Axis, TensorSpec

__all__ = [
    "CCTA",
    "CENTERLINE",
    "COARSE_SHAPE",
    "COARSE_SPACING_MM",
    "CROP",
    "CROP_SHAPE",
    "CROP_SPACING_MM",
    "CROSS_PIXEL_MM",
    "CROSS_SIZE",
    "HU_HIGH",
    "HU_LOW",
    "NORMALIZE",
    "QUALITY",
    "QUALITY_CLASSES",
    "SECTIONS",
    "SECTION_MM",
    "STAGE1",
    "STAGE2",
    "STEPS",
    "STEP_MM",
    "VESSELS",
    "QualityClass",
    "Vessel",
]


@dataclass(frozen=True)
class Vessel:
    """One main coronary artery, with its SNOMED CT code and the SCCT segments of its main path."""

    abbreviation: str
    name: str
    snomed: str
    scct_segments: tuple[int, ...]


#: The three main coronary arteries, in the order of every ``vessel`` axis.  SNOMED CT body structures;
#: segment numbers of the SCCT 18-segment model (Leipsic et al. 2014).
VESSELS: tuple[Vessel, ...] = (
    Vessel("RCA", "Right coronary artery", "13647002", (1, 2, 3, 4)),
    Vessel("LAD", "Left anterior descending coronary artery", "59438005", (5, 6, 7, 8)),
    Vessel("LCX", "Left circumflex coronary artery", "57396003", (5, 11, 13)),
)

#: Hounsfield window mapped linearly to [-1, 1] before every heat-map network.
HU_LOW, HU_HIGH = -350.0, 850.0

#: The coarse grid: fixed shape ``[z, y, x]`` and isotropic spacing, centred on the volume.
COARSE_SHAPE = (96, 96, 96)
COARSE_SPACING_MM = 2.0

#: The crop grid of stage 2: fixed shape and isotropic spacing, centred on a vessel's frame.
CROP_SHAPE = (128, 128, 128)
CROP_SPACING_MM = 0.9

#: The straightened vessel: STEPS of STEP_MM along it, CROSS_SIZE x CROSS_SIZE pixels of CROSS_PIXEL_MM across.
STEPS = 320
STEP_MM = 0.5
CROSS_SIZE = 32
CROSS_PIXEL_MM = 0.4
#: Sections along the straightened vessel, for class activation maps and section scores.
SECTIONS = 20
SECTION_MM = STEPS * STEP_MM / SECTIONS


@dataclass(frozen=True)
class QualityClass:
    """One class of the four-point image-quality (Likert) scale for motion artefacts.

    ``blur_mm`` is the vessel's displacement during the acquisition window that marks the class's centre,
    ``weight`` its share in the weighted quality score (0 to 1).
    """

    grade: int
    name: str
    weight: float
    blur_mm: float


#: Worst to best, in the order of every ``class`` axis.
QUALITY_CLASSES: tuple[QualityClass, ...] = (
    QualityClass(1, "non-diagnostic", 0.0, 4.0),
    QualityClass(2, "adequate", 1 / 3, 2.0),
    QualityClass(3, "good", 2 / 3, 1.0),
    QualityClass(4, "excellent", 1.0, 0.3),
)

_LPS = "LPS, (x, y, z)"
_ZYX = (Axis("z"), Axis("y"), Axis("x"))
_XYZ = Axis("xyz", 3)
_VESSEL = Axis("vessel", len(VESSELS))
_COARSE = tuple(Axis(name, size) for name, size in zip("zyx", COARSE_SHAPE, strict=True))
_CROP = tuple(Axis(name, size) for name, size in zip("zyx", CROP_SHAPE, strict=True))
_ONE = Axis("one", 1)

_VOLUME = TensorSpec(
    "volume", "INT16", _ZYX, "CT volume, rescaled.", "HU", "-1024..3071", "axes along +S, +P, +L"
)
_SPACING = TensorSpec("spacing", "FP32", (_XYZ,), "Voxel spacing of the volume.", "mm", "> 0", "(x, y, z)")
_ORIGIN = TensorSpec("origin", "FP32", (_XYZ,), "Centre of voxel [0, 0, 0] of the volume.", "mm", "", _LPS)
_COARSE_IMAGE = TensorSpec(
    "coarse", "FP32", (_ONE, _ONE, *_COARSE),
    f"The volume on the coarse grid ({COARSE_SPACING_MM:g} mm, centred on the volume), windowed; "
    "outside the volume -1.", "1", "-1..1", "axes along +S, +P, +L",
)  # fmt: skip
_COARSE_MAPS = TensorSpec(
    "coarse_maps", "FP32", (_ONE, _VESSEL, *_COARSE),
    "Centerline heat map of each vessel on the coarse grid.", "1", "0..1",
)  # fmt: skip
_CROPS = TensorSpec(
    "crops", "FP32", (_VESSEL, Axis("channel", 2), *_CROP),
    f"One crop per vessel at {CROP_SPACING_MM:g} mm: channel 0 the windowed image (outside the volume -1), "
    "channel 1 the vessel's coarse heat map.", "1", "-1..1", "axes along +S, +P, +L",
)  # fmt: skip
_CROP_ORIGIN = TensorSpec(
    "crop_origin", "FP32", (_VESSEL, _XYZ), "Centre of voxel [0, 0, 0] of each crop.", "mm", "", _LPS
)
_CROP_SPACING = TensorSpec(
    "crop_spacing", "FP32", (_XYZ,), "Voxel spacing of the crops.", "mm", "", "(x, y, z)"
)
_PRESENCE = TensorSpec(
    "presence", "FP32", (_VESSEL,),
    "How surely the vessel was seen: the mean of the 32 highest values of its coarse heat map.", "1", "0..1",
)  # fmt: skip
_HEATMAPS = TensorSpec(
    "heatmaps", "UINT8", (_VESSEL, *_CROP),
    "Centerline heat map of each vessel in its crop; 255 on the centerline.", "1/255", "0..255",
    "axes along +S, +P, +L",
)  # fmt: skip

_ORT_AUTO = Deployment("onnxruntime", "KIND_AUTO")
_ORT_CPU = Deployment("onnxruntime", "KIND_CPU")
_ORT_GPU = Deployment("onnxruntime", "KIND_GPU")
_GRAPH = {"default": _ORT_AUTO, "cpu": _ORT_CPU, "t4": _ORT_GPU, "a100": _ORT_GPU}


def _plan(instances: int) -> Deployment:
    plans = {"7.5": "t4.plan", "8.0": "a100.plan"}
    return Deployment("tensorrt", "KIND_GPU", instances, "model.plan", plans)


_NETWORK = {
    "default": _ORT_AUTO,
    "cpu": Deployment("openvino", "KIND_CPU"),
    "t4": _plan(1),
    "a100": _plan(2),
}
#: TensorRT has no INT16, and HU travels as INT16: the small quality network stays with ONNX Runtime on GPUs.
_INT16_NETWORK = {**_NETWORK, "t4": _ORT_GPU, "a100": Deployment("onnxruntime", "KIND_GPU", 2)}

NORMALIZE = ModelSpec(
    "ccta_normalize",
    "CT volume of any size to the windowed coarse grid (antialiased separable resampling).",
    "graph",
    (_VOLUME, _SPACING),
    (_COARSE_IMAGE,),
    deployments=_GRAPH,
)
STAGE1 = ModelSpec(
    "ccta_stage1",
    "3D ResUNet-50, stage 1: centerline heat maps of the three vessels in the whole volume.",
    "network",
    (_COARSE_IMAGE,),
    (_COARSE_MAPS,),
    deployments=_NETWORK,
    tensorrt=True,
)
CROP = ModelSpec(
    "ccta_crop",
    "Frames from the coarse heat maps; the original volume resampled to one crop per vessel.",
    "graph",
    (_VOLUME, _SPACING, _ORIGIN, _COARSE_MAPS),
    (_CROPS, _CROP_ORIGIN, _CROP_SPACING, _PRESENCE),
    deployments=_GRAPH,
)
STAGE2 = ModelSpec(
    "ccta_stage2",
    "3D ResUNet-50, stage 2: the precise centerline heat map of each vessel in its crop.",
    "network",
    (_CROPS,),
    (_HEATMAPS,),
    deployments=_NETWORK,
    tensorrt=True,
)


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


CENTERLINE = ModelSpec(
    "ccta_centerline",
    "One CT phase in; per vessel a centerline heat map, its geometry and a presence score out.",
    "ensemble",
    (_VOLUME, _SPACING, _ORIGIN),
    (_HEATMAPS, _CROP_ORIGIN, _CROP_SPACING, _PRESENCE),
    steps=(
        EnsembleStep("ccta_normalize", _same("volume", "spacing"), _same("coarse")),
        EnsembleStep("ccta_stage1", _same("coarse"), _same("coarse_maps")),
        EnsembleStep(
            "ccta_crop",
            _same("volume", "spacing", "origin", "coarse_maps"),
            _same("crops", "crop_origin", "crop_spacing", "presence"),
        ),
        EnsembleStep("ccta_stage2", _same("crops"), _same("heatmaps")),
    ),
)

_CLASS = Axis("class", len(QUALITY_CLASSES))
_SECTION = Axis("section", SECTIONS)
_SCALAR = (Axis("one", 1),)

QUALITY = ModelSpec(
    "ccta_quality",
    "3D ResNet-50 with a classifier head and a ranking head: the motion quality of a straightened vessel.",
    "network",
    (
        TensorSpec(
            "straightened", "INT16",
            (Axis("step", STEPS), Axis("row", CROSS_SIZE), Axis("column", CROSS_SIZE)),
            f"Straightened vessel: {STEP_MM:g} mm steps from the ostium, {CROSS_PIXEL_MM:g} mm pixels across, "
            "centerline in the middle; -1024 beyond its end.", "HU", "-1024..3071", "vessel",
        ),
        TensorSpec("length", "FP32", _SCALAR, "Length of the vessel that is filled.", "mm", "0..160"),
    ),
    (
        TensorSpec("class_probabilities", "FP32", (_CLASS,), "Probability of each quality class, worst to best."),
        TensorSpec(
            "quality", "FP32", _SCALAR, "Weighted quality: class probabilities times class weights.", "1", "0..1"
        ),
        TensorSpec(
            "ranking", "FP32", _SCALAR, "Ranking score: higher is better; comparable within one vessel of one study."
        ),
        TensorSpec(
            "cam", "FP32", (_CLASS, _SECTION), f"Class activation map along the vessel, {SECTION_MM:g} mm sections."
        ),
        TensorSpec(
            "section_class", "INT32", (_SECTION,),
            "Index of the class whose activation is strongest; -1 beyond the end.", "1", "-1..3",
        ),
        TensorSpec(
            "section_quality", "FP32", (_SECTION,),
            "Weighted quality of each section, softmax of the CAM; -1 beyond the end.", "1", "-1..1",
        ),
    ),
    max_batch_size=16,
    queue_delay_us=2000,
    deployments=_INT16_NETWORK,
)  # fmt: skip

#: The application, as registered.
CCTA = Application(
    "ccta",
    "Best-phase selection in coronary CT angiography",
    (NORMALIZE, STAGE1, CROP, STAGE2, CENTERLINE, QUALITY),
)
