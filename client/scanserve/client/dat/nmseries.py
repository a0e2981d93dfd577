"""Restored slices as a DICOM NM object in the geometry of their source."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pydicom
from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import ExplicitVRLittleEndian, NuclearMedicineImageStorage, generate_uid

from scanserve.contracts import NOT_FOR_DIAGNOSIS
from scanserve.preprocessing import Tomogram
from scanserve.preprocessing.dicom.quiet import quiet_pydicom

__all__ = ["SERIES_OFFSET", "Derived", "derive"]

#: Restored series are numbered from the source's number plus this.
SERIES_OFFSET = 9000
#: The greatest stored value that is aimed at, so that few counts are not rounded away.
STORED = 30_000
#: Longest value of a LO element.
_LO = 64
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
    "OriginalAttributesSequence",
)


@dataclass(frozen=True)
class Derived:
    """What one derived object says of itself: the method's title, and where its series comes among the others."""

    title: str
    blur: bool
    number: int
    software: str


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
        ds = _copy(pydicom.dcmread(source.path, stop_before_pixels=True, force=True))
        _identity(ds, source, derived, now)
        _derivation(ds, source, derived, range(first + 1, first + 1 + len(counts)))
        _frames(ds, source, first, len(counts))
        _pixels(ds, source, counts)
    return ds


def _copy(source: FileDataset) -> FileDataset:
    """The source's header without private elements and without what no longer holds."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = NuclearMedicineImageStorage
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds = FileDataset("", deepcopy(dict(source.items())), file_meta=meta, preamble=b"\0" * 128)
    ds.remove_private_tags()
    for keyword in _GONE:
        if keyword in ds:
            del ds[keyword]
    return ds


def _identity(ds: FileDataset, source: Tomogram, derived: Derived, now: datetime) -> None:
    ds.SOPClassUID = NuclearMedicineImageStorage
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid(prefix=None)
    ds.SeriesInstanceUID = generate_uid(prefix=None)
    ds.SeriesNumber = min(SERIES_OFFSET + 10 * (source.series_number or 0) + derived.number, 2**31 - 1)
    ds.SeriesDescription = f"{source.description} {derived.title}".strip()[:_LO]
    ds.InstanceNumber = 1
    ds.InstanceCreationDate = ds.SeriesDate = ds.ContentDate = now.strftime("%Y%m%d")
    ds.InstanceCreationTime = ds.SeriesTime = ds.ContentTime = now.strftime("%H%M%S")
    equipment = Dataset()
    equipment.PurposeOfReferenceCodeSequence = [_item(Code("109103", "DCM", "Modifying Equipment"))]
    equipment.Manufacturer, equipment.SoftwareVersions = "scanserve", derived.software
    ds.ContributingEquipmentSequence = [*ds.get("ContributingEquipmentSequence", ()), equipment]


def _derivation(ds: FileDataset, source: Tomogram, derived: Derived, frames: range) -> None:
    """How these pixels came about: PS3.3 C.7.6.1 and C.12.4, codes of CID 7203 and 7202."""
    ds.ImageType = ["DERIVED", *[str(part) for part in ds.ImageType][1:]]
    ds.DerivationDescription = (
        f"Noise reduction: {derived.title}; slices {frames[0]} to {frames[-1]} of the source, central crop."
    )
    ds.ImageComments = NOT_FOR_DIAGNOSIS
    ds.DerivationCodeSequence = [
        _item(codes.cid7203.GaussianBlur if derived.blur else codes.cid7203.Smoothing)
    ]
    reference = Dataset()
    reference.ReferencedSOPClassUID = NuclearMedicineImageStorage
    reference.ReferencedSOPInstanceUID = source.sop_uid
    reference.ReferencedFrameNumber = list(frames)
    purpose = codes.cid7202.SourceImageForImageProcessingOperation
    reference.PurposeOfReferenceCodeSequence = [_item(purpose)]
    ds.SourceImageSequence = [reference]


def _frames(ds: FileDataset, source: Tomogram, first: int, count: int) -> None:
    ds.NumberOfFrames = ds.NumberOfSlices = count
    ds.FrameIncrementPointer = tag_for_keyword("SliceVector")
    ds.SliceVector = list(range(1, count + 1))
    step = float(ds.get("SpacingBetweenSlices") or source.thickness_mm or 0)
    for detector in ds.get("DetectorInformationSequence", ()):
        _move(detector, first * step)


def _move(detector: Dataset, mm: float) -> None:
    """Move the place of the first frame along the normal; the spacing's sign says which way frames go."""
    position, orientation = detector.get("ImagePositionPatient"), detector.get("ImageOrientationPatient")
    if position and orientation and len(position) == 3 and len(orientation) == 6:
        row, column = np.array(orientation[:3], float), np.array(orientation[3:], float)
        moved = np.array(position, float) + np.cross(row, column) * mm
        detector.ImagePositionPatient = [f"{value:.6g}" for value in moved]


def _pixels(ds: FileDataset, source: Tomogram, counts: npt.NDArray[np.float32]) -> None:
    """16 unsigned bits; where the source has few counts, finer steps than its own, with a rescale slope."""
    plain = np.maximum((counts - source.intercept) / source.slope, 0)
    finer = max(1, int(STORED // max(float(plain.max()), 1.0)))
    stored = np.clip(np.rint(plain * finer), 0, 65535).astype("<u2")
    ds.Rows, ds.Columns = stored.shape[1:]
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 0
    ds.RescaleSlope, ds.RescaleIntercept = f"{source.slope / finer:.10g}", f"{source.intercept:g}"
    top = float(counts.max())
    ds.WindowCenter, ds.WindowWidth = f"{top / 2:.6g}", f"{max(top, 1e-3):.6g}"
    ds.PixelData = stored.tobytes()
    ds["PixelData"].VR = "OW"


def _item(code: Code) -> Dataset:
    item = Dataset()
    item.CodeValue = code.value
    item.CodingSchemeDesignator = code.scheme_designator
    item.CodeMeaning = code.meaning
    return item
