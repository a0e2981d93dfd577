"""DICOM studies to volumes: CT phases (geometry, eligibility) and emission tomograms."""

from scanserve.preprocessing.ccta.eligibility import check_eligibility
from scanserve.preprocessing.ct.reading import read_study
from scanserve.preprocessing.ct.study import Phase, Study
from scanserve.preprocessing.ct.volume import Volume
from scanserve.preprocessing.findings import Finding, Skipped
from scanserve.preprocessing.nm.tomogram import Tomogram, Tomograms, read_tomograms

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
