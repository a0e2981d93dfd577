"""Small CT studies to send, whose headers hold values that must be found nowhere else."""

from __future__ import annotations

from pathlib import Path

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

#: What a node must write nowhere outside its images and results.
MARKS = {
    "PatientName": "Zzqmark^Wilhelmine",
    "PatientID": "ZZQ-4711-ID",
    "PatientBirthDate": "19370203",
    "AccessionNumber": "ZZQACC99",
    "ReferringPhysicianName": "Zzqdoctor^Anton",
    "InstitutionName": "Zzq Hospital",
    "StudyDescription": "Zzqstudy coronary",
    "SeriesDescription": "Zzqseries heart",
    "ProtocolName": "Zzqprotocol",
    "PatientComments": "Zzqcomment",
}


def write_study(
    folder: Path, count: int = 3, *, series: int = 1, seed: str = "a", first: int = 0, **changed
) -> list[Path]:
    """Write instances ``first`` to ``first + count`` of each series of the study ``seed``; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for number in range(series):
        for index in range(first, first + count):
            file = folder / f"{number}-{index}.dcm"
            _instance(seed, number, index, changed).save_as(file, enforce_file_format=True)
            found.append(file)
    return found


def study_uid(seed: str = "a") -> str:
    """The Study Instance UID of a seed."""
    return generate_uid(entropy_srcs=["study", seed])


def instance_uid(seed: str, series: int, index: int) -> str:
    """The SOP Instance UID of an instance."""
    return generate_uid(entropy_srcs=[seed, str(series), str(index)])


def _instance(seed: str, series: int, index: int, changed: dict) -> Dataset:
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 192"
    for keyword, value in MARKS.items():
        setattr(ds, keyword, value)
    ds.SOPClassUID, ds.SOPInstanceUID = CTImageStorage, instance_uid(seed, series, index)
    ds.StudyInstanceUID = study_uid(seed)
    ds.SeriesInstanceUID = generate_uid(entropy_srcs=[seed, str(series)])
    ds.StudyID, ds.StudyDate, ds.StudyTime = "1", "20260101", "120000"
    ds.Modality, ds.Manufacturer, ds.PatientSex = "CT", "Maker", "O"
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.SeriesNumber, ds.InstanceNumber = series + 1, index + 1
    ds.FrameOfReferenceUID = study_uid(f"frame {seed}")
    ds.ImagePositionPatient, ds.ImageOrientationPatient = [0, 0, index], [1, 0, 0, 0, 1, 0]
    ds.Rows = ds.Columns = 16
    ds.PixelSpacing, ds.SliceThickness = [1, 1], 1
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    ds.RescaleIntercept, ds.RescaleSlope = -1024, 1
    ds.PixelData = bytes(512)
    ds["PixelData"].VR = "OW"
    for keyword, value in changed.items():
        setattr(ds, keyword, value)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return ds
