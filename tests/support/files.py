"""Files that are not what they say."""

from __future__ import annotations

from pathlib import Path

import pydicom
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_file_meta_info

_PREAMBLE = 132


def mislabelled(source: Path, target: Path, syntax: str) -> Path:
    """``source`` with another transfer syntax in its meta header, everything else byte for byte."""
    meta = pydicom.filereader.read_file_meta_info(source)
    length = meta.FileMetaInformationGroupLength
    content = source.read_bytes()
    body = content[_PREAMBLE + 12 + length :]
    meta.TransferSyntaxUID = syntax
    head = DicomBytesIO()
    head.is_little_endian, head.is_implicit_VR = True, False
    write_file_meta_info(head, meta)
    target.write_bytes(content[:_PREAMBLE] + head.getvalue() + body)
    return target


def sparse(path: Path, start: bytes, size: int) -> Path:
    """A file of ``size`` bytes that holds ``start`` and then zeros that take no room on the disk."""
    with open(path, "wb") as file:
        file.write(start)
        file.truncate(size)
    return path
