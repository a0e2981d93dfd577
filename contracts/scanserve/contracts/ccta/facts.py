"""Facts of coronary CT angiography: vessels, image window, grids, quality classes, seeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = [
    "COARSE_BLANK",
    "COARSE_BLOCK",
    "COARSE_SHAPE",
    "COARSE_SIGMA_MM",
    "COARSE_SPACING_MM",
    "CROP_SHAPE",
    "CROP_SPACING_MM",
    "CROSS_PIXEL_MM",
    "CROSS_SIZE",
    "EVIDENCE_HIGH",
    "EVIDENCE_HU",
    "EVIDENCE_OPENING",
    "FINE_SIGMA_MM",
    "HU_HIGH",
    "HU_LOW",
    "QUALITY_CLASSES",
    "SECTIONS",
    "SECTION_MM",
    "STAGE2_TRAINING_SEED",
    "STEPS",
    "STEP_MM",
    "TEST_SEED",
    "TRAINING_SEED",
    "VALIDATION_SEED",
    "VESSELS",
    "WORKING_SHAPE",
    "WORKING_SPACING_MM",
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

#: The working grid: fixed shape ``[z, y, x]`` and isotropic spacing, centred on the volume.  A volume is resampled
#: once, to this grid; the coarse grid and the crops are made of its voxels.
WORKING_SHAPE = (192, 192, 192)
WORKING_SPACING_MM = 0.9

#: The coarse grid of stage 1: blocks of ``COARSE_BLOCK`` voxels along each axis of the working grid.
COARSE_BLOCK = 2
COARSE_SHAPE = (96, 96, 96)
COARSE_SPACING_MM = COARSE_BLOCK * WORKING_SPACING_MM
#: Its input channels by name, in order, with the value of a blank one: training leaves one out now and then.
COARSE_BLANK: Mapping[str, float] = {"mean": -1.0, "evidence": 0.0}

#: Evidence of vessels: what is brighter than its opening with a cube of ``EVIDENCE_OPENING`` working voxels (6.3 mm),
#: in units of ``EVIDENCE_HU``, at most ``EVIDENCE_HIGH``.
EVIDENCE_OPENING = 7
EVIDENCE_HU = 400.0
EVIDENCE_HIGH = 1.5

#: The crops of stage 2: whole voxels of the working grid around a vessel's frame.
CROP_SHAPE = (128, 128, 128)
CROP_SPACING_MM = WORKING_SPACING_MM

#: Standard deviations of the Gaussian profile of heat maps, coarse and in the crops.  At 1.8 mm voxels, 3 mm keeps a
#: vessel connected; at 0.9 mm voxels, 1.3 mm makes the ridge three voxels wide, enough for a sub-voxel centre.
COARSE_SIGMA_MM, FINE_SIGMA_MM = 3.0, 1.3

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

    ``blur_mm`` is the displacement of the vessel during the acquisition window at the centre of the class,
    ``weight`` (0 to 1) is the class's weight in the quality score.
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

#: First phantom seed of each split; a split uses the seeds that follow it, and splits never overlap.
TRAINING_SEED, STAGE2_TRAINING_SEED, VALIDATION_SEED, TEST_SEED = 100_000, 150_000, 200_000, 300_000
