"""The contracts of coronary CT angiography (CCTA).

Conventions, for every tensor here:

- volumes and maps are indexed ``[z, y, x]``; the axes grow toward superior, posterior and left
  (DICOM's LPS patient frame), so a volume must be axis-aligned before it is sent;
- physical vectors (``spacing``, ``origin``) are ``(x, y, z)`` in millimetres, LPS;
- an origin is the centre of voxel ``[0, 0, 0]``;
- vessels are always in the order of :data:`VESSELS`.
"""

from __future__ import annotations

from scanserve.contracts.application import Application
from scanserve.contracts.ccta.facts import (
    COARSE_BLANK,
    COARSE_BLOCK,
    COARSE_SHAPE,
    COARSE_SIGMA_MM,
    COARSE_SPACING_MM,
    CROP_SHAPE,
    CROP_SPACING_MM,
    CROSS_PIXEL_MM,
    CROSS_SIZE,
    EVIDENCE_HIGH,
    EVIDENCE_HU,
    EVIDENCE_OPENING,
    FINE_SIGMA_MM,
    HU_HIGH,
    HU_LOW,
    QUALITY_CLASSES,
    SECTION_MM,
    SECTIONS,
    STAGE2_TRAINING_SEED,
    STEP_MM,
    STEPS,
    TEST_SEED,
    TRAINING_SEED,
    VALIDATION_SEED,
    VESSELS,
    WORKING_SHAPE,
    WORKING_SPACING_MM,
    QualityClass,
    Vessel,
)
from scanserve.contracts.ccta.layouts import (
    ANNOTATION_VERSION,
    RESULT_KIND,
    RESULT_VERSION,
    TRUTH_VERSION,
    AnnotationVersion,
    ResultKind,
    ResultVersion,
)
from scanserve.contracts.ccta.models import CENTERLINE, CROP, NORMALIZE, QUALITY, STAGE1, STAGE2

__all__ = [
    "ANNOTATION_VERSION",
    "CCTA",
    "CENTERLINE",
    "COARSE_BLANK",
    "COARSE_BLOCK",
    "COARSE_SHAPE",
    "COARSE_SIGMA_MM",
    "COARSE_SPACING_MM",
    "CROP",
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
    "NORMALIZE",
    "QUALITY",
    "QUALITY_CLASSES",
    "RESULT_KIND",
    "RESULT_VERSION",
    "SECTIONS",
    "SECTION_MM",
    "STAGE1",
    "STAGE2",
    "STAGE2_TRAINING_SEED",
    "STEPS",
    "STEP_MM",
    "TEST_SEED",
    "TRAINING_SEED",
    "TRUTH_VERSION",
    "VALIDATION_SEED",
    "VESSELS",
    "WORKING_SHAPE",
    "WORKING_SPACING_MM",
    "AnnotationVersion",
    "QualityClass",
    "ResultKind",
    "ResultVersion",
    "Vessel",
]

#: The application, as registered.
CCTA = Application(
    "ccta",
    "Best-phase selection in coronary CT angiography",
    (NORMALIZE, STAGE1, CROP, STAGE2, CENTERLINE, QUALITY),
    absent="no-ct",
)
