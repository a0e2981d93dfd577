"""DICOM attributes of a CT slice by keyword; those of every image are in the ``tags`` of ``dicom``."""

from __future__ import annotations

from scanserve.preprocessing.dicom import tag
from scanserve.preprocessing.dicom import tags as image_tags

__all__ = ["WANTED"]

# Multi-frame functional groups: those of all frames, those of each, and the groups that are looked into
SHARED_FUNCTIONAL_GROUPS_SEQUENCE = tag("SharedFunctionalGroupsSequence")
PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE = tag("PerFrameFunctionalGroupsSequence")
PLANE_POSITION_SEQUENCE = tag("PlanePositionSequence")
PLANE_ORIENTATION_SEQUENCE = tag("PlaneOrientationSequence")
PIXEL_MEASURES_SEQUENCE = tag("PixelMeasuresSequence")
PIXEL_VALUE_TRANSFORMATION_SEQUENCE = tag("PixelValueTransformationSequence")
CARDIAC_SYNCHRONIZATION_SEQUENCE = tag("CardiacSynchronizationSequence")
CT_RECONSTRUCTION_SEQUENCE = tag("CTReconstructionSequence")
CT_EXPOSURE_SEQUENCE = tag("CTExposureSequence")
CT_IMAGE_FRAME_TYPE_SEQUENCE = tag("CTImageFrameTypeSequence")
FRAME_CONTENT_SEQUENCE = tag("FrameContentSequence")

# Place
FRAME_OF_REFERENCE_UID = tag("FrameOfReferenceUID")
IMAGE_POSITION_PATIENT = tag("ImagePositionPatient")
SLICE_LOCATION = tag("SliceLocation")

# Kind
FRAME_TYPE = tag("FrameType")
RESCALE_TYPE = tag("RescaleType")

# Acquisition and reconstruction
INSTANCE_NUMBER = tag("InstanceNumber")
CONVOLUTION_KERNEL = tag("ConvolutionKernel")
X_RAY_TUBE_CURRENT = tag("XRayTubeCurrent")
X_RAY_TUBE_CURRENT_IN_MA = tag("XRayTubeCurrentInmA")

# Cardiac phase
NOMINAL_PERCENTAGE_OF_CARDIAC_PHASE = tag("NominalPercentageOfCardiacPhase")
NOMINAL_CARDIAC_TRIGGER_DELAY_TIME = tag("NominalCardiacTriggerDelayTime")
TRIGGER_TIME = tag("TriggerTime")
SCAN_OPTIONS = tag("ScanOptions")
IMAGE_COMMENTS = tag("ImageComments")
FRAME_COMMENTS = tag("FrameComments")
CONTENT_TIME = tag("ContentTime")
ACQUISITION_TIME = tag("AcquisitionTime")
TEMPORAL_POSITION_INDEX = tag("TemporalPositionIndex")
TEMPORAL_POSITION_IDENTIFIER = tag("TemporalPositionIdentifier")
ACQUISITION_NUMBER = tag("AcquisitionNumber")

# Stored values
PIXEL_PADDING_VALUE = tag("PixelPaddingValue")
PIXEL_PADDING_RANGE_LIMIT = tag("PixelPaddingRangeLimit")

#: What the header of a CT file is asked for; sequences bring all that is in them.
WANTED = frozenset(
    (
        *image_tags.IMAGE_ATTRIBUTES,
        SHARED_FUNCTIONAL_GROUPS_SEQUENCE,
        PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
        FRAME_OF_REFERENCE_UID,
        IMAGE_POSITION_PATIENT,
        image_tags.IMAGE_ORIENTATION_PATIENT,
        SLICE_LOCATION,
        RESCALE_TYPE,
        INSTANCE_NUMBER,
        CONVOLUTION_KERNEL,
        X_RAY_TUBE_CURRENT,
        NOMINAL_PERCENTAGE_OF_CARDIAC_PHASE,
        TRIGGER_TIME,
        SCAN_OPTIONS,
        IMAGE_COMMENTS,
        CONTENT_TIME,
        ACQUISITION_TIME,
        TEMPORAL_POSITION_IDENTIFIER,
        ACQUISITION_NUMBER,
        PIXEL_PADDING_VALUE,
        PIXEL_PADDING_RANGE_LIMIT,
    )
)
