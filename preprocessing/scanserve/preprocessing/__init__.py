"""DICOM studies to volumes: CT phases, emission tomograms, and whether an application may use them.

Rooms, each knowing only those before it: ``dicom`` (files of any modality), ``ct`` and ``nm`` (readers),
``ccta`` and ``dat`` (what an application takes from a study).
"""

from scanserve.preprocessing.ccta import check_eligibility, read_study
from scanserve.preprocessing.ct import Phase, Reconstruction, Study, Volume, Wishes
from scanserve.preprocessing.findings import Finding, Skipped
from scanserve.preprocessing.nm import Tomogram, Tomograms, read_tomograms

__all__ = [
    "Finding",
    "Phase",
    "Reconstruction",
    "Skipped",
    "Study",
    "Tomogram",
    "Tomograms",
    "Volume",
    "Wishes",
    "check_eligibility",
    "read_study",
    "read_tomograms",
]
