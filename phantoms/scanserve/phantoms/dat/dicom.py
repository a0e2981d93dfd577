"""A reconstructed volume as a valid DICOM NM object: one multi-frame file.

Attributes follow PS3.3 A.5 (NM Image IOD), image type RECON TOMO: C.8.4.8 to C.8.4.15.  Stored values are counts times
a gain that both acquisitions of a study share, so their values are comparable.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset, FileDataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import NuclearMedicineImageStorage

from scanserve.contracts import NOT_FOR_DIAGNOSIS
from scanserve.geometry.grid import Grid
from scanserve.phantoms.dat.camera import ANGLES
from scanserve.phantoms.dicom import new_dataset, uid

__all__ = ["DETECTORS", "LARGEST", "NmSeries", "nm_dataset"]

#: Heads of the camera, which share the views.
DETECTORS = 2
#: The largest stored value of a study.
LARGEST = 30_000
#: Photopeak of I-123, keV, and relative half width of the energy window.
PHOTOPEAK_KEV, WINDOW_SHARE = 159.0, 0.1


@dataclass(frozen=True)
class NmSeries:
    """One acquisition of one patient; ``counts`` are accumulated over all views."""

    seed: int
    number: int
    description: str
    minutes: float
    counts: int
    grid: Grid


def nm_dataset(series: NmSeries, stored: npt.NDArray[np.uint16]) -> FileDataset:
    """The data set of ``stored`` ``[z, y, x]`` (axes toward superior, posterior, left), frames from inferior up."""
    ds = new_dataset(NuclearMedicineImageStorage, uid("brain image", series.seed, series.number))
    _patient_and_study(ds, series)
    _series(ds, series)
    _frames(ds, series)
    _isotope(ds)
    _detectors(ds, series)
    _pixels(ds, series, stored)
    return ds


def _patient_and_study(ds: Dataset, series: NmSeries) -> None:
    ds.PatientName = f"PHANTOM^BRAIN{series.seed}"
    ds.PatientID = f"PHANTOM-BRAIN-{series.seed}"
    ds.PatientBirthDate, ds.PatientSex = "", "O"
    ds.StudyInstanceUID = uid("brain study", series.seed)
    ds.StudyDate = ds.SeriesDate = ds.ContentDate = ds.AcquisitionDate = "20260101"
    ds.StudyTime = ds.SeriesTime = ds.ContentTime = ds.AcquisitionTime = "120000"
    ds.StudyID, ds.AccessionNumber, ds.ReferringPhysicianName = str(series.seed % 10**15), "", ""
    ds.StudyDescription = "Ioflupane SPECT (synthetic phantom)"


def _series(ds: Dataset, series: NmSeries) -> None:
    ds.Modality, ds.BodyPartExamined, ds.PatientPosition = "NM", "BRAIN", "HFS"
    ds.SeriesInstanceUID = uid("brain series", series.seed, series.number)
    ds.SeriesNumber, ds.SeriesDescription = series.number, series.description
    ds.FrameOfReferenceUID, ds.PositionReferenceIndicator = uid("brain frame", series.seed), ""
    ds.Manufacturer, ds.ManufacturerModelName, ds.SoftwareVersions = "scanserve phantom", "head", "1"
    ds.PatientOrientationCodeSequence = [_code(codes.SCT.Recumbent)]
    ds.PatientOrientationCodeSequence[0].PatientOrientationModifierCodeSequence = [_code(codes.SCT.Supine)]
    ds.PatientGantryRelationshipCodeSequence = [_code(codes.SCT.Headfirst)]


def _frames(ds: Dataset, series: NmSeries) -> None:
    """NM image, multi-frame and reconstruction modules."""
    slices = series.grid.shape[0]
    ds.ImageType = ["DERIVED", "PRIMARY", "RECON TOMO", "EMISSION"]
    ds.DerivationDescription = "Computed from a mathematical phantom; no patient was scanned."
    ds.ImageComments = NOT_FOR_DIAGNOSIS
    ds.InstanceNumber, ds.AcquisitionNumber = 1, series.number
    ds.CountsAccumulated = series.counts
    ds.FrameIncrementPointer = tag_for_keyword("SliceVector")
    ds.NumberOfFrames = ds.NumberOfSlices = slices
    ds.SliceVector = list(range(1, slices + 1))
    ds.SpacingBetweenSlices = ds.SliceThickness = f"{series.grid.spacing[2]:.4f}"
    ds.ConvolutionKernel = ["Butterworth"]


def _isotope(ds: Dataset) -> None:
    window, span = Dataset(), Dataset()
    span.EnergyWindowLowerLimit = PHOTOPEAK_KEV * (1 - WINDOW_SHARE)
    span.EnergyWindowUpperLimit = PHOTOPEAK_KEV * (1 + WINDOW_SHARE)
    window.EnergyWindowName, window.EnergyWindowRangeSequence = "I-123", [span]
    ds.EnergyWindowInformationSequence, ds.NumberOfEnergyWindows = [window], 1
    tracer = Dataset()
    tracer.RadionuclideCodeSequence = [_code(codes.cid18._123Iodine)]
    tracer.RadiopharmaceuticalCodeSequence = [_code(codes.cid25.IoflupaneI123)]
    tracer.Radiopharmaceutical, tracer.RadionuclideTotalDose = "Ioflupane I-123", "185"
    tracer.RadiopharmaceuticalRoute = "Intravenous route"
    ds.RadiopharmaceuticalInformationSequence = [tracer]


def _detectors(ds: Dataset, series: NmSeries) -> None:
    x, y, z = series.grid.origin
    detector = Dataset()
    detector.CollimatorType, detector.FocalDistance = "PARA", "0"
    detector.ImagePositionPatient = [f"{x:.4f}", f"{y:.4f}", f"{z:.4f}"]
    detector.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    detector.ViewCodeSequence = []
    ds.DetectorInformationSequence = [detector] * DETECTORS
    ds.NumberOfDetectors = DETECTORS
    rotation = Dataset()
    rotation.RotationDirection, rotation.StartAngle, rotation.ScanArc = "CW", "0", "360"
    rotation.AngularStep, rotation.NumberOfFramesInRotation = f"{360 / ANGLES:g}", ANGLES
    rotation.ActualFrameDuration = round(series.minutes * 60_000 * DETECTORS / ANGLES)
    rotation.RadialPosition = [150] * ANGLES
    ds.RotationInformationSequence, ds.NumberOfRotations = [rotation], 1


def _pixels(ds: Dataset, series: NmSeries, stored: npt.NDArray[np.uint16]) -> None:
    grid = series.grid
    ds.PixelSpacing = [f"{grid.spacing[1]:.4f}", f"{grid.spacing[0]:.4f}"]
    ds.Rows, ds.Columns = stored.shape[1:]
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 0
    ds.WindowCenter, ds.WindowWidth = str(int(stored.max()) // 2), str(max(int(stored.max()), 1))
    ds.PixelData = np.ascontiguousarray(stored, "<u2").tobytes()


def _code(code: Code) -> Dataset:
    item = Dataset()
    item.CodeValue = code.value
    item.CodingSchemeDesignator = code.scheme_designator
    item.CodeMeaning = code.meaning
    return item
