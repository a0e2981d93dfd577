"""One reconstructed phase as a valid DICOM CT series.

Attributes follow PS3.3 A.3 (CT Image IOD).  The phase tags are those of Siemens scanners (``ScanOptions``
``TP70PC1165``, ``SeriesDescription`` ``70 % 0.5 B30f``), together with the standard
``NominalPercentageOfCardiacPhase`` and ``TriggerTime``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import CTImageStorage

from scanserve.contracts import NOT_FOR_DIAGNOSIS
from scanserve.contracts.ct import AIR_HU, MAX_HU
from scanserve.geometry.grid import Grid
from scanserve.phantoms.dicom import new_dataset, uid

__all__ = ["INTERCEPT", "Series", "slice_dataset", "stored_values", "write_series"]

#: Stored value = HU - INTERCEPT, clipped to 12 bits.
INTERCEPT, LARGEST = AIR_HU, MAX_HU - AIR_HU
KERNEL = "B30f"
COMPUTED = "Computed from a mathematical phantom; no patient was scanned."
HOSTED = "Mathematical coronary arteries laid into the CT of a patient, whose own are painted over."


@dataclass(frozen=True)
class Series:
    """The attributes shared by all slices of a phase: ``percent`` of R-R, times in ms, population ``ranges``.

    ``host`` is the digest of the real CT into which the vessels are laid, or empty.
    """

    seed: int
    percent: float
    number: int
    grid: Grid
    rr_ms: float
    ranges: str = "plain"
    host: str = ""

    @property
    def who(self) -> str:
        """The patient's identifier: the seed, the population unless it is plain, and which real CT, if any."""
        population = "" if self.ranges == "plain" else f"-{self.ranges}"
        return f"{self.seed}{population}{f'-real-{self.host[:8]}' if self.host else ''}"

    @property
    def trigger_ms(self) -> float:
        """Delay after the R wave."""
        return self.percent * self.rr_ms / 100.0


def stored_values(hu: npt.NDArray) -> npt.NDArray[np.uint16]:
    """HU to 12-bit stored values (rescale slope 1, intercept -1024)."""
    return np.clip(np.rint(hu) - INTERCEPT, 0, LARGEST).astype(np.uint16)


def _patient_and_study(ds: Dataset, series: Series) -> None:
    ds.PatientName = f"PHANTOM^SEED{series.who}"
    ds.PatientID = f"PHANTOM-{series.who}"
    ds.PatientBirthDate, ds.PatientSex = "", "O"
    ds.StudyInstanceUID = uid("study", series.who)
    ds.StudyDate = ds.SeriesDate = ds.ContentDate = "20260101"
    ds.StudyTime = ds.SeriesTime = ds.ContentTime = "120000"
    ds.StudyID, ds.AccessionNumber, ds.ReferringPhysicianName = str(series.seed % 10**15), "", ""
    ds.StudyDescription = "Coronary CT angiography (synthetic phantom)"


def _series(ds: Dataset, series: Series) -> None:
    ds.Modality, ds.BodyPartExamined, ds.PatientPosition = "CT", "HEART", "HFS"
    ds.SeriesInstanceUID = uid("series", series.who, f"{series.percent:g}")
    ds.SeriesNumber = series.number
    ds.SeriesDescription = f"{series.percent:g} % {series.grid.spacing[2]:.1f} {KERNEL}"
    ds.FrameOfReferenceUID = uid("frame", series.who)
    ds.PositionReferenceIndicator = ""
    ds.Manufacturer = "scanserve phantom"
    ds.ManufacturerModelName = "beating heart"
    ds.SoftwareVersions = "1"
    ds.ProtocolName = "CorCTA phantom"


def _acquisition(ds: Dataset, series: Series) -> None:
    ds.ImageType = ["DERIVED", "PRIMARY", "AXIAL"]
    ds.ImageComments = NOT_FOR_DIAGNOSIS
    ds.DerivationDescription = HOSTED if series.host else COMPUTED
    ds.ScanOptions = f"TP{series.percent:g}PC{series.trigger_ms:.0f}"
    ds.NominalPercentageOfCardiacPhase = float(series.percent)
    ds.TriggerTime = f"{series.trigger_ms:.1f}"
    ds.NominalInterval = round(series.rr_ms)
    ds.HeartRate = round(60000 / series.rr_ms)
    ds.ContrastBolusAgent = "simulated iodine 370 mg/ml"
    ds.KVP, ds.XRayTubeCurrent, ds.ConvolutionKernel = "120", 600, KERNEL
    ds.AcquisitionNumber, ds.AcquisitionDate, ds.AcquisitionTime = 1, "20260101", "120000"
    ds.WindowCenter, ds.WindowWidth = "250", "900"


def _pixels(ds: Dataset, series: Series, values: npt.NDArray[np.uint16], index: int, instance: int) -> None:
    grid = series.grid
    x, y, z = grid.origin
    ds.InstanceNumber = instance
    ds.ImagePositionPatient = [f"{x:.4f}", f"{y:.4f}", f"{z + index * grid.spacing[2]:.4f}"]
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    ds.SliceLocation = f"{z + index * grid.spacing[2]:.4f}"
    ds.SliceThickness = f"{grid.spacing[2]:.4f}"
    ds.PixelSpacing = [f"{grid.spacing[1]:.6f}", f"{grid.spacing[0]:.6f}"]
    ds.Rows, ds.Columns = values.shape
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = str(INTERCEPT), "1", "HU"
    ds.PixelData = np.ascontiguousarray(values, "<u2").tobytes()


def slice_dataset(series: Series, values: npt.NDArray[np.uint16], index: int, instance: int) -> FileDataset:
    """The slice ``index`` (from inferior) of a series as a complete data set with its file meta header."""
    ds = new_dataset(CTImageStorage, uid("image", series.who, f"{series.percent:g}", index))
    _patient_and_study(ds, series)
    _series(ds, series)
    _acquisition(ds, series)
    _pixels(ds, series, values, index, instance)
    return ds


def write_series(folder: Path, series: Series, hu: npt.NDArray) -> None:
    """Write the slices of ``hu`` [z, y, x]; instance numbers and file names do not follow their positions.

    Raises:
        OSError: as raised by the file system.
    """
    folder.mkdir(parents=True, exist_ok=True)
    order = np.random.default_rng([series.seed, series.number]).permutation(len(hu))
    for index, place in enumerate(order):
        ds = slice_dataset(series, stored_values(hu[index]), index, int(place) + 1)
        ds.save_as(folder / f"IM{int(place) + 1:05d}", enforce_file_format=True)
