"""DICOM studies to volumes: CT phases (geometry, eligibility) and emission tomograms."""

from scanserve.preprocessing.eligibility import check_eligibility
from scanserve.preprocessing.findings import Finding, Skipped
from scanserve.preprocessing.reading import read_study
from scanserve.preprocessing.study import Phase, Study
from scanserve.preprocessing.tomogram import Tomogram, Tomograms, read_tomograms
from scanserve.preprocessing.volume import Volume

__all__ = [
    "Finding",
    "Phase",
    "Skipped",
    "Study",
    "Tomogram",
    "Tomograms",
    "Volume",
    "check_eligibility",
    "read_study",
    "read_tomograms",
]
