"""Studies of which every text element of the header holds a mark, so that what leaks can be found."""

from __future__ import annotations

import re
from pathlib import Path

import pydicom
from pydicom.datadict import DicomDictionary, keyword_dict
from pydicom.dataset import Dataset
from pydicom.uid import UID

#: A mark names the element that it stands in: MARK, its number, X.
MARK = re.compile(rb"MARK[0-9A-F]{8}X")
#: Stands for every date and time that the study does not state, and for the birth date.
DATE, TIME = "19510203", "040506"
#: Value representations of text, and the group elements of messages, files and pixels that are none.
_TEXT = ("PN", "LO", "SH", "LT", "ST", "UT", "UC", "AE", "CS")
_GROUPS = range(0x0008, 0x0100)
#: What the study is read by, or what says how text is written.
_NEEDED = {
    "SpecificCharacterSet",
    "ImageType",
    "Modality",
    "ScanOptions",
    "RescaleType",
    "PhotometricInterpretation",
    "PatientPosition",
}
#: Sequences with an item that is marked as well.
_SEQUENCES = ("RequestAttributesSequence", "OtherPatientIDsSequence", "ReferencedStudySequence")


def mark_of(keyword: str) -> str:
    return f"MARK{keyword_dict[keyword]:08X}X"


def text_keywords() -> list[str]:
    """The keywords of all text elements of the standard, current and retired."""
    return [
        keyword
        for tag, (vr, _, _, _, keyword) in DicomDictionary.items()
        if keyword and vr in _TEXT and tag >> 16 in _GROUPS and keyword not in _NEEDED
    ]


def mark(folder: Path) -> None:
    """Mark every DICOM file below ``folder`` in place."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".json":
            ds = pydicom.dcmread(path)
            _mark(ds)
            ds.save_as(path)


def _mark(ds: Dataset) -> None:
    for keyword in text_keywords():
        setattr(ds, keyword, mark_of(keyword))
    ds.PatientBirthDate, ds.LastMenstrualDate, ds.AdmittingDate = DATE, DATE, DATE
    ds.PatientBirthTime = TIME
    for keyword in _SEQUENCES:
        item = Dataset()
        for name in ("PatientID", "ScheduledProcedureStepDescription", "AccessionNumber"):
            setattr(item, name, mark_of(name))
        setattr(ds, keyword, [item])
    block = ds.private_block(0x0011, "MARK00110010X", create=True)
    block.add_new(1, "LO", "MARK00111001X")


def uids_of(folder: Path) -> set[bytes]:
    """The UIDs of the study, its series, instances and frames of reference."""
    found = set()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".json":
            ds = pydicom.dcmread(path, stop_before_pixels=True)
            keywords = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID")
            found |= {str(UID(ds[keyword].value)).encode() for keyword in keywords if keyword in ds}
    return found


def leaks(folder: Path, *needles: bytes, without: tuple[str, ...] = ()) -> dict[str, set[bytes]]:
    """Marks, the date and ``needles`` in files and names below ``folder``, but in the subfolders ``without``."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if any(part in without for part in path.relative_to(folder).parts):
            continue
        content = name.encode() + (path.read_bytes() if path.is_file() else b"")
        hits = set(MARK.findall(content)) | {needle for needle in needles if needle in content}
        if hits:
            found[name] = hits
    return found
