"""Small synthetic CT series for the tests: every tag can be overridden, removed or made per-slice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian

CT = "1.2.840.10008.5.1.4.1.1.2"
ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"
AXIAL = (1, 0, 0, 0, 1, 0)
STUDY, SERIES, FRAME = "1.2.3.1", "1.2.3.2", "1.2.3.3"


def pixels(slices: int = 6, rows: int = 4, columns: int = 5, seed: int = 0) -> np.ndarray:
    """Stored values [slice, row, column], each slice distinct."""
    return np.random.default_rng(seed).integers(0, 3000, (slices, rows, columns)).astype(np.int16)


#: Tags of every slice, by keyword.
TAGS = {
    "SOPClassUID": CT,
    "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
    "Modality": "CT",
    "PatientName": "SECRET^NAME",
    "PatientID": "SECRET-ID",
    "StudyInstanceUID": STUDY,
    "SeriesInstanceUID": SERIES,
    "FrameOfReferenceUID": FRAME,
    "SeriesNumber": 3,
    "SliceThickness": 0.5,
    "ImageOrientationPatient": list(AXIAL),
    "PixelSpacing": [0.4, 0.3],
    "SamplesPerPixel": 1,
    "PhotometricInterpretation": "MONOCHROME2",
    "BitsAllocated": 16,
    "BitsStored": 16,
    "HighBit": 15,
    "PixelRepresentation": 1,
    "RescaleSlope": 1,
    "RescaleIntercept": -1024,
}


def slice_dataset(
    stored: np.ndarray, position=(0.0, 0.0, 0.0), *, number: int = 1, uid: str = "1.2.3.4.1", **tags
) -> Dataset:
    """One CT slice; ``tags`` set keywords, or remove them with ``None``."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    own = {
        "SOPInstanceUID": uid,
        "InstanceNumber": number,
        "ImagePositionPatient": list(position),
        "Rows": stored.shape[0],
        "Columns": stored.shape[1],
    }
    for keyword, value in (TAGS | own | tags).items():
        if value is not None:
            setattr(dataset, keyword, value)
    dataset.PixelData = np.ascontiguousarray(stored).tobytes()
    dataset["PixelData"].VR = "OW"
    return dataset


def save(dataset: Dataset, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    return path


def write_series(
    folder: Path,
    stored: np.ndarray | None = None,
    *,
    origin=(-10.0, -20.0, 30.0),
    orientation=AXIAL,
    step: float = 0.5,
    name: Callable[[int], str] = lambda index: f"IM{index:04d}",
    each: Callable[[int], dict] = lambda index: {},
    skip: tuple[int, ...] = (),
    uid: str = "1.2.3.4",
    **tags,
) -> np.ndarray:
    """Write one file per slice of ``stored``; ``each(index)`` gives a slice's own tags.

    Slices advance by ``step`` mm along the normal of ``orientation``.
    """
    stored = pixels() if stored is None else stored
    normal = np.cross(orientation[:3], orientation[3:])
    for index, image in enumerate(stored):
        if index in skip:
            continue
        position = [round(float(v), 6) for v in np.array(origin) + index * step * normal]
        place = {"ImagePositionPatient": position, "ImageOrientationPatient": list(orientation)}
        own = place | tags | each(index)
        save(slice_dataset(image, number=index + 1, uid=f"{uid}.{index + 1}", **own), folder / name(index))
    return stored


def write_enhanced(
    path: Path,
    stored: np.ndarray,
    z: list[float],
    percents: list[float] | None = None,
    *,
    each: Callable[[int], dict] = lambda index: {},
) -> Path:
    """One multi-frame file, one frame per slice of ``stored`` at height ``z``.

    ``each(index)`` gives a frame's further functional groups: ``{sequence: {keyword: value}}``.
    """
    in_groups = ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "SliceThickness")
    absent = dict.fromkeys((*in_groups, "RescaleSlope", "RescaleIntercept"))
    rows = {"Rows": stored.shape[1], "NumberOfFrames": len(stored)}
    dataset = slice_dataset(stored.reshape(-1, stored.shape[-1]), SOPClassUID=ENHANCED_CT, **rows, **absent)
    shared = _item(
        PlaneOrientationSequence={"ImageOrientationPatient": list(AXIAL)},
        PixelMeasuresSequence={"PixelSpacing": [0.4, 0.3], "SliceThickness": 0.5},
        PixelValueTransformationSequence={"RescaleSlope": 1, "RescaleIntercept": -1024},
    )
    dataset.SharedFunctionalGroupsSequence = Sequence([shared])
    frames = []
    for index, height in enumerate(z):
        groups = {"PlanePositionSequence": {"ImagePositionPatient": [-10, -20, height]}}
        if percents:
            groups["CardiacSynchronizationSequence"] = {"NominalPercentageOfCardiacPhase": percents[index]}
        frames.append(_item(**groups, **each(index)))
    dataset.PerFrameFunctionalGroupsSequence = Sequence(frames)
    return save(dataset, path)


def _item(**groups: dict) -> Dataset:
    item = Dataset()
    for keyword, values in groups.items():
        inner = Dataset()
        for key, value in values.items():
            setattr(inner, key, value)
        setattr(item, keyword, Sequence([inner]))
    return item


def recode(source: Path, target: Path, syntax: str) -> Path:
    """Write ``source`` again in another native transfer syntax, its pixels byte-swapped if need be."""
    syntax = UID(syntax)
    read = pydicom.dcmread(source)
    dataset = Dataset()
    dataset.file_meta = read.file_meta
    dataset.file_meta.TransferSyntaxUID = syntax
    for element in read:
        dataset.add(element)
    if not syntax.is_little_endian:
        dataset.PixelData = np.frombuffer(read.PixelData, "<i2").astype(">i2").tobytes()
    save(dataset, target)
    return target
