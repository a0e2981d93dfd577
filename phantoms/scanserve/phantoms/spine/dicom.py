"""A film as a valid DICOM DX object.

Attributes follow PS3.3 A.26 (Digital X-Ray Image IOD): C.8.11.1 to C.8.11.5.  Pixels are for presentation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileDataset
from pydicom.sr.coding import Code
from pydicom.uid import DigitalXRayImageStorageForPresentation

from scanserve.contracts import NOT_FOR_DIAGNOSIS
from scanserve.phantoms.dicom import new_dataset, uid

__all__ = ["BITS", "DxFilm", "dx_dataset"]

#: Bits of a stored pixel.
BITS = 12
_SPINE = Code("421060004", "SCT", "Vertebral column")
_VIEWS = {
    "AP": Code("399348003", "SCT", "antero-posterior"),
    "PA": Code("272479007", "SCT", "postero-anterior"),
}


@dataclass(frozen=True, eq=False)
class DxFilm:
    """A film to be written.

    Attributes:
        seed: of the synthetic patient.
        grey: what is shown, 0..1 ``[row, column]``, bone bright.
        pixel_mm: size of a pixel at the detector.
        view: AP or PA.
        right: the patient's side on the right of the image, L or R.
        monochrome1: whether the lowest stored value is shown white.
    """

    seed: int
    grey: npt.NDArray[np.float32]
    pixel_mm: float
    view: str
    right: str
    monochrome1: bool


def dx_dataset(film: DxFilm) -> FileDataset:
    """The data set of a film."""
    ds = new_dataset(DigitalXRayImageStorageForPresentation, uid("spine film", film.seed))
    _patient_and_study(ds, film)
    _series(ds, film)
    _detector(ds, film)
    _pixels(ds, film)
    return ds


def _patient_and_study(ds: Dataset, film: DxFilm) -> None:
    ds.PatientName = f"PHANTOM^SPINE{film.seed}"
    ds.PatientID = f"PHANTOM-SPINE-{film.seed}"
    ds.PatientBirthDate, ds.PatientSex = "", "O"
    ds.StudyInstanceUID = uid("spine study", film.seed)
    ds.StudyDate = ds.SeriesDate = ds.ContentDate = ds.AcquisitionDate = "20260101"
    ds.StudyTime = ds.SeriesTime = ds.ContentTime = ds.AcquisitionTime = "120000"
    ds.StudyID, ds.AccessionNumber, ds.ReferringPhysicianName = str(film.seed % 10**15), "", ""
    ds.StudyDescription = "Whole spine (synthetic phantom)"


def _series(ds: Dataset, film: DxFilm) -> None:
    ds.Modality, ds.PresentationIntentType = "DX", "FOR PRESENTATION"
    ds.SeriesInstanceUID, ds.SeriesNumber = uid("spine series", film.seed), 1
    ds.SeriesDescription, ds.InstanceNumber, ds.AcquisitionNumber = f"Whole spine {film.view}", 1, 1
    ds.Manufacturer, ds.ManufacturerModelName, ds.SoftwareVersions = "scanserve phantom", "spine", "1"
    ds.BodyPartExamined, ds.ViewPosition, ds.ImageLaterality = "SPINE", film.view, "U"
    ds.PatientOrientation = [film.right, "F"]
    region, view = _code(_SPINE), _code(_VIEWS[film.view])
    ds.AnatomicRegionSequence, view.ViewModifierCodeSequence = [region], []
    ds.ViewCodeSequence, ds.AcquisitionContextSequence = [view], []


def _detector(ds: Dataset, film: DxFilm) -> None:
    ds.ImageType = ["DERIVED", "PRIMARY", ""]
    ds.DerivationDescription = "Computed from a mathematical phantom; no patient was exposed."
    ds.ImageComments = NOT_FOR_DIAGNOSIS
    ds.DetectorType, ds.PositionerType = "DIRECT", "NONE"
    ds.ImagerPixelSpacing = [f"{film.pixel_mm:.5f}"] * 2
    ds.PixelIntensityRelationship, ds.PixelIntensityRelationshipSign = "LOG", -1 if film.monochrome1 else 1
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = "0", "1", "US"
    ds.LossyImageCompression, ds.BurnedInAnnotation = "00", "YES"
    ds.PresentationLUTShape = "INVERSE" if film.monochrome1 else "IDENTITY"


def _pixels(ds: Dataset, film: DxFilm) -> None:
    most = (1 << BITS) - 1
    shown = 1 - film.grey if film.monochrome1 else film.grey
    ds.Rows, ds.Columns = film.grey.shape
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME1" if film.monochrome1 else "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, BITS, BITS - 1, 0
    ds.WindowCenter, ds.WindowWidth = str((most + 1) // 2), str(most + 1)
    ds.PixelData = np.ascontiguousarray(np.rint(most * shown), "<u2").tobytes()


def _code(code: Code) -> Dataset:
    item = Dataset()
    item.CodeValue = code.value
    item.CodingSchemeDesignator = code.scheme_designator
    item.CodeMeaning = code.meaning
    return item
