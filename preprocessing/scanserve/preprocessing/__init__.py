"""DICOM studies to axis-aligned CT volumes: reading, phases, geometry, eligibility."""

from scanserve.preprocessing.eligibility import check_eligibility
from scanserve.preprocessing.findings import Finding, Skipped
from scanserve.preprocessing.reading import read_study
from scanserve.preprocessing.study import Phase, Study
from scanserve.preprocessing.volume import Volume

__all__ = ["Finding", "Phase", "Skipped", "Study", "Volume", "check_eligibility", "read_study"]
