"""Restored slices as a DICOM NM object in the geometry of their source.

The header is the source's as far as its values are valid, read by the reader that reads studies: what that tolerates
does not get into a new file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import UID, ExplicitVRLittleEndian, NuclearMedicineImageStorage
from pydicom.valuerep import format_number_as_ds

from scanserve.client.dat.nmplace import place_frames
from scanserve.client.dicom.uids import uid_of
from scanserve.preprocessing import Tomogram
from scanserve.preprocessing.dicom import (
    Header,
    quiet_pydicom,
    read_header,
    set_character_set,
    shortened,
    valid_copy,
)

__all__ = ["SERIES_OFFSET", "Derived", "derive"]

#: Restored series are numbered from the source's number plus this.
SERIES_OFFSET = 9000
#: The greatest stored value that is aimed at, so that few counts are not rounded away, and the greatest there is.
STORED, MOST_STORED = 30_000, 65_535
#: Longest values of LO and ST elements in bytes, and the greatest of an IS element.
_LO, _ST, _IS = 64, 1024, 2**31 - 1
#: What says something about the source's pixels or file that no longer holds.
_GONE = (
    "IconImageSequence",
    "SmallestImagePixelValue",
    "LargestImagePixelValue",
    "PixelPaddingValue",
    "PixelPaddingRangeLimit",
    "WindowCenterWidthExplanation",
    "SliceLocation",
    "DerivationCodeSequence",
    "RealWorldValueMappingSequence",
    "VOILUTSequence",
    "ModalityLUTSequence",
    "PresentationLUTShape",
    "OriginalAttributesSequence",
    "RescaleType",
)
#: Other ways to state what a mapping maps.
_OTHER_MAPPINGS = (
    "RealWorldValueLUTData",
    "DoubleFloatRealWorldValueFirstValueMapped",
    "DoubleFloatRealWorldValueLastValueMapped",
)
#: UIDs without which an object is none; the source's text stands for them where it is no UID.
_NEEDED_UIDS = ("StudyInstanceUID", "FrameOfReferenceUID")


@dataclass(frozen=True)
class Derived:
    """What one derived object says of itself: the method's title, and where its series comes among the others.

    ``notice`` is the result's.  ``key`` tells it from other objects of the same source, title and software: a repeated
    run gives the same UIDs.
    """

    title: str
    blur: bool
    number: int
    software: str
    notice: str
    key: tuple[str, ...] = ()


def derive(
    source: Tomogram, counts: npt.NDArray[np.float32], first: int, derived: Derived, now: datetime
) -> FileDataset:
    """The NM object of restored slices; patient, study and frame of reference are the source's.

    Args:
        source: the tomogram that was restored.
        counts: (N, row, column) in the source's counts, >= 0.
        first: index of the first slice in the source, from 0.
        derived: what was done.
        now: the time of making.
    """
    with quiet_pydicom():
        header = read_header(source.path)
        ds = _copy(header)
        _identity(ds, source, derived, now)
        _derivation(ds, source, derived, range(first + 1, first + 1 + len(counts)))
        place_frames(ds, source, first, len(counts))
        _pixels(ds, source, counts)
        _map_counts(ds, source, header)
        set_character_set(ds, header.character_sets)
    return ds


def _copy(header: Header) -> FileDataset:
    """The source's header as far as it is valid and still holds."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = NuclearMedicineImageStorage
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds = FileDataset("", valid_copy(header), file_meta=meta, preamble=b"\0" * 128)
    for keyword in _GONE:
        ds.pop(keyword, None)
    _drop_what_contradicts(ds)
    for keyword in _NEEDED_UIDS:
        if not UID(str(ds.get(keyword) or ""), validation_mode=0).is_valid:
            setattr(ds, keyword, uid_of(keyword, header.text(tag_for_keyword(keyword) or 0)))
    return ds


def _drop_what_contradicts(ds: FileDataset) -> None:
    """Leave out what the standard forbids beside the rest: an empty view, a position beside an orientation code."""
    for detector in ds.get("DetectorInformationSequence", ()):
        if not detector.get("ViewCodeSequence"):
            detector.pop("ViewCodeSequence", None)
    if ds.get("PatientOrientationCodeSequence"):
        ds.pop("PatientPosition", None)


def _identity(ds: FileDataset, source: Tomogram, derived: Derived, now: datetime) -> None:
    ds.SOPClassUID = NuclearMedicineImageStorage
    key = (source.study_uid, source.series_uid, source.sop_uid, derived.title, derived.software, *derived.key)
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = uid_of("restored instance", *key)
    ds.SeriesInstanceUID = uid_of("restored series", *key)
    number = SERIES_OFFSET + 10 * (source.series_number or 0) + derived.number
    ds.SeriesNumber = max(-_IS, min(number, _IS))
    description = str(ds.get("SeriesDescription") or "")
    ds.SeriesDescription = shortened(f"{description} {derived.title}".strip(), _LO)
    ds.Modality, ds.InstanceNumber = "NM", 1
    ds.InstanceCreationDate = ds.SeriesDate = ds.ContentDate = now.strftime("%Y%m%d")
    ds.InstanceCreationTime = ds.SeriesTime = ds.ContentTime = now.strftime("%H%M%S")
    equipment = Dataset()
    equipment.PurposeOfReferenceCodeSequence = [_item(Code("109103", "DCM", "Modifying Equipment"))]
    equipment.Manufacturer, equipment.SoftwareVersions = "scanserve", derived.software
    made_by = ", ".join(derived.key) or "none"
    equipment.ContributionDescription = shortened(f"{derived.notice} Made by: {made_by}.", _ST)
    ds.ContributingEquipmentSequence = [*ds.get("ContributingEquipmentSequence", ()), equipment]


def _derivation(ds: FileDataset, source: Tomogram, derived: Derived, frames: range) -> None:
    """How these pixels came about: PS3.3 C.7.6.1 and C.12.4, codes of CID 7203 and 7202."""
    stated = [str(part) for part in ds.get("ImageType") or ()]
    ds.ImageType = ["DERIVED", *(stated[1:] if len(stated) > 3 else ("PRIMARY", "RECON TOMO", "EMISSION"))]
    ds.DerivationDescription = (
        f"Noise reduction: {derived.title}; slices {frames[0]} to {frames[-1]} of the source, central crop."
    )
    ds.ImageComments = derived.notice
    ds.DerivationCodeSequence = [
        _item(codes.cid7203.GaussianBlur if derived.blur else codes.cid7203.Smoothing)
    ]
    ds.SourceImageSequence = _reference(source, frames)


def _reference(source: Tomogram, frames: range) -> list[Dataset]:
    """The source's frames; nothing where its instance UID is none."""
    if not UID(source.sop_uid, validation_mode=0).is_valid:
        return []
    reference = Dataset()
    reference.ReferencedSOPClassUID = NuclearMedicineImageStorage
    reference.ReferencedSOPInstanceUID = source.sop_uid
    reference.ReferencedFrameNumber = list(frames)
    purpose = codes.cid7202.SourceImageForImageProcessingOperation
    reference.PurposeOfReferenceCodeSequence = [_item(purpose)]
    return [reference]


def _pixels(ds: FileDataset, source: Tomogram, counts: npt.NDArray[np.float32]) -> None:
    """16 unsigned bits, from 0 counts up; where the source has few, finer steps than its own, with a rescale slope."""
    top = float(counts.max())
    greatest = top / source.slope
    finer = max(1, int(STORED // max(greatest, 1.0)))
    slope = float(format_number_as_ds(source.slope / finer if greatest <= MOST_STORED else top / MOST_STORED))
    stored = np.clip(np.rint(counts / slope), 0, MOST_STORED).astype("<u2")
    ds.Rows, ds.Columns = stored.shape[1:]
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 0
    ds.RescaleSlope, ds.RescaleIntercept = format_number_as_ds(slope), "0"
    ds.WindowCenter, ds.WindowWidth = f"{top / 2:.6g}", f"{max(top, 1e-3):.6g}"
    ds.PixelData = stored.tobytes()
    ds["PixelData"].VR = "OW"


def _map_counts(ds: FileDataset, source: Tomogram, header: Header) -> None:
    """State the counts by RealWorldValueMapping as well, where the source does so."""
    if not source.scale.real_world:
        return
    stated = valid_copy(header).get("RealWorldValueMappingSequence") or [Dataset()]
    item = next((item for item in stated if "RealWorldValueSlope" in item), Dataset())
    for keyword in _OTHER_MAPPINGS:
        item.pop(keyword, None)
    item.RealWorldValueFirstValueMapped, item.RealWorldValueLastValueMapped = 0, MOST_STORED
    item.RealWorldValueSlope, item.RealWorldValueIntercept = float(ds.RescaleSlope), 0.0
    ds.RealWorldValueMappingSequence = [item]


def _item(code: Code) -> Dataset:
    item = Dataset()
    item.CodeValue = code.value
    item.CodingSchemeDesignator = code.scheme_designator
    item.CodeMeaning = code.meaning
    return item
