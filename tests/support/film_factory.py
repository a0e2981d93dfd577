"""Small plain films in DICOM: a bright spine between dark lungs."""

from __future__ import annotations

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    SecondaryCaptureImageStorage,
)

from scanserve.client.dicom.uids import uid_of

SHAPE = (512, 256)
CLASSES = {
    "CR": ComputedRadiographyImageStorage,
    "DX": DigitalXRayImageStorageForPresentation,
    "SC": SecondaryCaptureImageStorage,
}


def shown(shape=SHAPE):
    """What the film shows: 0 to 1, float64 ``[row, column]``."""
    rows, columns = (np.linspace(-1, 1, size) for size in shape)
    spine = 0.6 * np.exp(-((columns / 0.12) ** 2))
    body = 0.25 * (np.abs(columns) < 0.85)
    vertebrae = 0.1 * (np.sin(rows * 50) > 0)[:, None] * (spine > 0.2)
    return np.clip(np.broadcast_to(spine + body, shape) + vertebrae, 0, 1)


def dataset(values=None, *, kind="DX", seed="1", bits=12, **changes):
    """A film of ``values`` (what it shows); ``changes`` by keyword, None removes."""
    values = shown() if values is None else values
    stored = np.rint(values * ((1 << bits) - 1)).astype(np.uint8 if bits <= 8 else np.uint16)
    ds = Dataset()
    ds.SOPClassUID, ds.Modality = CLASSES[kind], "OT" if kind == "SC" else kind
    ds.SOPInstanceUID = uid_of("film", seed)
    ds.StudyInstanceUID, ds.SeriesInstanceUID = uid_of("film study"), uid_of("film series", seed)
    ds.PatientName, ds.PatientID, ds.SeriesNumber = "Curve^Test", "C-1", 1
    ds.ViewPosition, ds.BodyPartExamined, ds.PatientOrientation = "AP", "SPINE", ["L", "F"]
    ds.Rows, ds.Columns = stored.shape
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 8 * stored.itemsize, bits, bits - 1
    ds.PixelRepresentation = 0
    ds.ImagerPixelSpacing = [0.2, 0.2]
    ds.WindowCenter, ds.WindowWidth = (1 << bits) / 2, 1 << bits
    ds.PixelData = stored.tobytes()
    for keyword, value in changes.items():
        if value is None:
            del ds[keyword]
        else:
            setattr(ds, keyword, value)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    return ds


def write(folder, name="film.dcm", *, values=None, **settings):
    """Write a film, and give the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    dataset(values, **settings).save_as(folder / name, enforce_file_format=True)
    return folder
