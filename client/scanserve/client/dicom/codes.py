"""Codes that the objects use: of DICOM (DCM), SNOMED CT (SCT) and UCUM, and of scanserve where these have none."""

from __future__ import annotations

from pydicom.sr.coding import Code

__all__ = [
    "ANATOMY",
    "BEST_PHASE",
    "BINDING",
    "CARDIAC_PHASE",
    "COBB_ANGLE",
    "COMMENT",
    "COUNTS_CHANGE",
    "CT",
    "DEGREES",
    "IMAGE_QUALITY",
    "LENGTH",
    "MM",
    "NO_UNITS",
    "PERCENT",
    "PROCESSING_EQUIPMENT",
    "QUALITY_CLASS",
    "QUALITY_SCORE",
    "RADIOGRAPHY",
    "RANK",
    "RANKING_SCORE",
    "SCHEME",
    "SECTION_QUALITY",
    "SPECT",
    "TRAVEL",
    "Code",
    "own",
]

#: The private coding scheme; its codes are listed in ``docs/outputs.md``.
SCHEME = "99SCANSERVE"


def own(value: str, meaning: str) -> Code:
    """A code of scanserve."""
    return Code(value, SCHEME, meaning)


CT = Code("77477000", "SCT", "Computed Tomography")
SPECT = Code("373205008", "SCT", "Nuclear Medicine")
ANATOMY = Code("123037004", "SCT", "Anatomical structure")
LENGTH = Code("410668003", "SCT", "Length")
RADIOGRAPHY = Code("168537006", "SCT", "Plain radiography")
COBB_ANGLE = Code("285285000", "SCT", "Cobb angle")
COMMENT = Code("121106", "DCM", "Comment")
PROCESSING_EQUIPMENT = Code("109102", "DCM", "Processing Equipment")

MM = Code("mm", "UCUM", "millimeter")
PERCENT = Code("%", "UCUM", "percent")
DEGREES = Code("deg", "UCUM", "degree")
NO_UNITS = Code("1", "UCUM", "no units")

IMAGE_QUALITY = own("image-quality", "Image quality of a vessel")
QUALITY_SCORE = own("quality-score", "Image quality, 0 to 1")
QUALITY_CLASS = own("quality-class", "Image quality class")
RANKING_SCORE = own("ranking-score", "Score by which phases are ranked")
RANK = own("rank", "Rank among the phases")
SECTION_QUALITY = own("section-quality", "Image quality of a section, 0 to 1")
TRAVEL = own("travel", "Travel in 10 % of the R-R interval")
BEST_PHASE = own("best-phase", "Best cardiac phase")
CARDIAC_PHASE = own("cardiac-phase", "Cardiac phase, percent of R-R")
BINDING = own("binding-ratio", "Striatal binding ratio")
COUNTS_CHANGE = own("counts-change", "Change of the counts in the head")
