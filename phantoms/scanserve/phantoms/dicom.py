"""Common parts of the DICOM objects of all phantoms: identity and file header."""

from __future__ import annotations

import hashlib

from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

__all__ = ["new_dataset", "uid"]


def uid(*parts: object) -> str:
    """A UID under 2.25 (PS3.5 B.2) that depends only on ``parts``."""
    digest = hashlib.sha256("/".join(map(str, ("scanserve phantom", *parts))).encode()).digest()
    number = int.from_bytes(digest[:16], "big")
    number = (number & ~(0xF << 76)) | (0x8 << 76)
    number = (number & ~(0x3 << 62)) | (0x2 << 62)
    return f"2.25.{number}"


def new_dataset(sop_class: UID, instance_uid: str) -> FileDataset:
    """An empty data set with its file meta header."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = UID(instance_uid)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID(uid("implementation"))
    meta.ImplementationVersionName = "SCANSERVE_1"
    ds = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID, ds.SOPInstanceUID = sop_class, meta.MediaStorageSOPInstanceUID
    ds.SpecificCharacterSet = "ISO_IR 192"
    return ds
