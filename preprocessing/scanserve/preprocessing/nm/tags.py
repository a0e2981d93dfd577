"""DICOM attributes of an NM image by keyword; those of every image are in the ``tags`` of ``dicom``."""

from __future__ import annotations

from scanserve.preprocessing.dicom import tag
from scanserve.preprocessing.dicom import tags as image_tags

__all__ = ["WANTED"]

# Frames
SPACING_BETWEEN_SLICES = tag("SpacingBetweenSlices")
NUMBER_OF_ENERGY_WINDOWS = tag("NumberOfEnergyWindows")
NUMBER_OF_SLICES = tag("NumberOfSlices")
SLICE_VECTOR = tag("SliceVector")

# Place, where it stands outside the detectors
IMAGE_POSITION_PATIENT = tag("ImagePositionPatient")

# Counts
REAL_WORLD_VALUE_MAPPING_SEQUENCE = tag("RealWorldValueMappingSequence")
REAL_WORLD_VALUE_INTERCEPT = tag("RealWorldValueIntercept")
REAL_WORLD_VALUE_SLOPE = tag("RealWorldValueSlope")
MEASUREMENT_UNITS_CODE_SEQUENCE = tag("MeasurementUnitsCodeSequence")
CODE_VALUE = tag("CodeValue")

# Detectors and their way round the patient
NUMBER_OF_DETECTORS = tag("NumberOfDetectors")
DETECTOR_INFORMATION_SEQUENCE = tag("DetectorInformationSequence")
ROTATION_INFORMATION_SEQUENCE = tag("RotationInformationSequence")
ACTUAL_FRAME_DURATION = tag("ActualFrameDuration")
NUMBER_OF_FRAMES_IN_ROTATION = tag("NumberOfFramesInRotation")

#: What the header of an NM file is asked for; sequences bring all that is in them.
WANTED = frozenset(
    (
        *image_tags.IMAGE_ATTRIBUTES,
        SPACING_BETWEEN_SLICES,
        NUMBER_OF_ENERGY_WINDOWS,
        NUMBER_OF_SLICES,
        SLICE_VECTOR,
        image_tags.IMAGE_ORIENTATION_PATIENT,
        IMAGE_POSITION_PATIENT,
        REAL_WORLD_VALUE_MAPPING_SEQUENCE,
        NUMBER_OF_DETECTORS,
        DETECTOR_INFORMATION_SEQUENCE,
        ROTATION_INFORMATION_SEQUENCE,
    )
)
