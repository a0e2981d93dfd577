"""DICOM studies to axis-aligned CT volumes: reading, phases, geometry, eligibility."""

from scanserve.preprocessing.findings import Finding, Skipped
from scanserve.preprocessing.volume import Volume

__all__ = ["Finding", "Skipped", "Volume"]
