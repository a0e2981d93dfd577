"""The few attributes of a received object that a node looks at, none of which it keeps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scanserve.preprocessing.dicom import FileRejectedError, Header, quiet_pydicom, tag
from scanserve.preprocessing.dicom.dataset import read_elements

__all__ = ["OWN_MANUFACTURER", "Head", "patient_of", "read_head"]

#: By this manufacturer, exactly, the objects that scanserve itself made are known.
OWN_MANUFACTURER = "scanserve"
_STUDY, _SERIES, _INSTANCE = map(tag, ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"))
_CLASS, _MODALITY = tag("SOPClassUID"), tag("Modality")
_TEXTS = tuple(map(tag, ("StudyDescription", "SeriesDescription", "ProtocolName")))
_MANUFACTURER, _EQUIPMENT = tag("Manufacturer"), tag("ContributingEquipmentSequence")
_CHARACTER_SET, _PATIENT = tag("SpecificCharacterSet"), tag("PatientName")
_WANTED = (
    _CHARACTER_SET,
    _CLASS,
    _INSTANCE,
    _STUDY,
    _SERIES,
    _MODALITY,
    *_TEXTS,
    _MANUFACTURER,
    _EQUIPMENT,
)


@dataclass(frozen=True)
class Head:
    """Identifiers and what routing looks at; ``own`` says that scanserve made the object."""

    study: str
    series: str
    instance: str
    sop_class: str
    modality: str
    descriptions: tuple[str, ...]
    own: bool


def read_head(path: Path) -> Head:
    """The head of a DICOM file.

    Raises:
        FileRejectedError: code ``not-dicom``, ``unreadable`` or ``too-large``.
    """
    header = _header(path, _WANTED)
    head = Head(
        study=header.text(_STUDY),
        series=header.text(_SERIES),
        instance=header.text(_INSTANCE),
        sop_class=header.text(_CLASS),
        modality=header.text(_MODALITY),
        descriptions=tuple(filter(None, map(header.text, _TEXTS))),
        own=_is_own(header),
    )
    if not head.study or not head.instance:
        raise FileRejectedError("unreadable", "name no study or no instance")
    return head


def patient_of(path: Path) -> str:
    """The patient's name, for a page that is to show it; it is kept nowhere."""
    return _header(path, (_CHARACTER_SET, _PATIENT)).text(_PATIENT)


def _header(path: Path, wanted: tuple[int, ...]) -> Header:
    try:
        with open(path, "rb") as file, quiet_pydicom():
            return read_elements(file, wanted).header
    except (FileRejectedError, MemoryError, OSError):
        raise
    except Exception as error:  # whatever a malformed object makes the parser raise
        raise FileRejectedError("unreadable", "could not be parsed as DICOM") from error


def _is_own(header: Header) -> bool:
    items = (header.item(_EQUIPMENT, number) for number in range(header.count(_EQUIPMENT)))
    makers = (header, *(item for item in items if item is not None))
    return any(maker.text(_MANUFACTURER) == OWN_MANUFACTURER for maker in makers)
