"""A result and restored slices that name neither the patient nor the study."""

from __future__ import annotations

from datetime import datetime, timezone

from pydicom.dataset import Dataset

from scanserve.client.dat.result import Result
from scanserve.client.dicom.deidentify import OPTIONS, deidentify_object, kept, mapped_uid, nobody

__all__ = ["deidentified", "deidentify_series"]

#: Stands for the time of making, as for every date in the objects.
_NEVER = datetime(1900, 1, 1, tzinfo=timezone.utc)
#: Elements of restored slices that stay: geometry, pixels, numbers of the acquisition, codes, and what scanserve wrote.
_KEPT = """
    SOPClassUID SOPInstanceUID SeriesInstanceUID SeriesNumber InstanceNumber Modality ImageType Rows
    Columns NumberOfFrames FrameIncrementPointer SliceVector NumberOfSlices PixelSpacing SliceThickness
    SpacingBetweenSlices ImagePositionPatient ImageOrientationPatient SamplesPerPixel
    PhotometricInterpretation BitsAllocated BitsStored HighBit PixelRepresentation RescaleSlope
    RescaleIntercept WindowCenter WindowWidth PixelData CountsAccumulated NumberOfDetectors
    NumberOfRotations NumberOfEnergyWindows EnergyWindowVector DetectorVector
    EnergyWindowInformationSequence EnergyWindowRangeSequence EnergyWindowLowerLimit
    EnergyWindowUpperLimit DetectorInformationSequence FocalDistance ViewCodeSequence
    RotationInformationSequence RadialPosition ScanArc AngularStep StartAngle ActualFrameDuration
    NumberOfFramesInRotation RadiopharmaceuticalInformationSequence RadionuclideTotalDose
    RadionuclideCodeSequence RadiopharmaceuticalCodeSequence PatientOrientationCodeSequence
    PatientOrientationModifierCodeSequence PatientGantryRelationshipCodeSequence
    RealWorldValueMappingSequence RealWorldValueFirstValueMapped RealWorldValueLastValueMapped
    RealWorldValueSlope RealWorldValueIntercept MeasurementUnitsCodeSequence DerivationDescription
    ImageComments DerivationCodeSequence
"""
#: Words that may stay only where they are the standard's.
_TERMS = {
    "PatientPosition": {"HFS", "HFP", "HFDL", "HFDR", "FFS", "FFP", "FFDL", "FFDR"},
    "CollimatorType": {"PARA", "PINH", "FANB", "CONE", "SLNT", "ASTG", "DIVG", "NONE", "UNKN"},
    "RotationDirection": {"CW", "CC"},
}
_ALLOWED = dict.fromkeys(_KEPT.split()) | {
    keyword: (lambda value, terms=terms: str(value) in terms) for keyword, terms in _TERMS.items()
}


def deidentified(result: Result) -> Result:
    """The same result with other UIDs and without dates; see PS3.15, annex E."""
    study = result.study
    uids = ("study_instance_uid", "series_instance_uid", "sop_instance_uid")
    private = study.model_copy(update={name: str(mapped_uid(getattr(study, name))) for name in uids})
    options = [f"{code} {words}" for code, words in OPTIONS]
    return result.model_copy(update={"study": private, "created": _NEVER, "deidentification": options})


def deidentify_series(ds: Dataset, title: str) -> None:
    """Leave of restored slices what names nobody, in place.

    Args:
        ds: as :func:`~scanserve.client.dat.nmseries.derive` made it; its own UIDs stay.
        title: of the method.
    """
    equipment = ds.ContributingEquipmentSequence[-1]
    references = ds.get("SourceImageSequence") or []
    private = kept(ds, _ALLOWED)
    private.update(nobody(ds))
    private.ImageType = ["DERIVED", "PRIMARY", "RECON TOMO", "EMISSION"]
    private.SeriesDescription, private.BodyPartExamined = title, "BRAIN"
    private.ContributingEquipmentSequence = [equipment]
    private.Manufacturer = equipment.Manufacturer
    private.PositionReferenceIndicator = ""
    for reference in references:
        reference.ReferencedSOPInstanceUID = mapped_uid(reference.ReferencedSOPInstanceUID)
    if references:
        private.SourceImageSequence = references
    ds.clear()
    ds.update(private)
    deidentify_object(ds)
