"""Outputs under the Basic Application Level Confidentiality Profile of PS3.15, annex E.

What is written is built anew from what is known to be harmless (geometry, pixels, numbers of the acquisition, codes),
rather than searched for what is not: no text, date, name or UID of a source stays.  UIDs become others, the same for
the same source, so that the objects of a run still refer to each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from pydicom.dataset import Dataset
from pydicom.uid import UID

from scanserve.client.dicom.content import Content, Group, Labels
from scanserve.client.dicom.sources import GEOMETRY, SHOWING, Sources
from scanserve.client.dicom.uids import uid_of

__all__ = ["OPTIONS", "deidentified", "deidentify_object", "kept", "mapped_uid", "nobody"]

#: The profile, and the options that are followed with it (CID 7050), as every output records them.
OPTIONS: tuple[tuple[str, str], ...] = (
    ("113100", "Basic Application Confidentiality Profile"),
    ("113105", "Clean Descriptors Option"),
)
#: Stands for every date and time, and for the patient's name.
_DATE, _TIME, _NAME = "19000101", "000000", "DEIDENTIFIED^"
_CODE = re.compile(r"[A-Z0-9.\-]{1,16}")
_SCHEMES = frozenset({"SCT", "SRT", "DCM", "UCUM"})


def mapped_uid(uid: str) -> UID:
    """The UID that stands for ``uid``, which cannot be found from it."""
    return uid_of("deidentified", str(uid))


def deidentified(content: Content) -> Content:
    """The same content on sources that name nobody; its comments must be free of header text already."""
    sources = content.sources
    patient = nobody(sources.patient)
    images = {id(image): _image(image, patient) for part in sources.series.values() for image in part}
    series = {label: [images[id(image)] for image in part] for label, part in sources.series.items()}
    return replace(
        content,
        sources=Sources(patient, series),
        groups=[_group(group, images) for group in content.groups],
        labels=[_labels(labels, images) for labels in content.labels],
    )


def deidentify_object(ds: Dataset) -> None:
    """State on a new object that it is de-identified and how; dates of making become a fixed one."""
    for element in ds.iterall():
        if element.value and element.VR in ("DA", "TM", "DT"):
            element.value = {"DA": _DATE, "TM": _TIME, "DT": _DATE + _TIME}[element.VR]
    ds.PatientIdentityRemoved = "YES"
    ds.DeidentificationMethod = "PS3.15 Basic Application Level Confidentiality Profile"
    ds.DeidentificationMethodCodeSequence = [_code(value, meaning) for value, meaning in OPTIONS]
    ds.LongitudinalTemporalInformationModified = "REMOVED"


def kept(ds: Dataset, allowed: Mapping[str, Callable[[object], bool] | None]) -> Dataset:
    """A copy with the ``allowed`` elements alone, in sequences as well.

    Args:
        ds: a dataset.
        allowed: by keyword; where there is a function, what it says of the value.

    Codes keep their value and scheme where these are known ones, and lose their words.
    """
    copy = Dataset()
    for element in ds:
        if element.VR == "SQ" and element.keyword in allowed:
            items = [_item(item, allowed) for item in element.value]
            setattr(copy, element.keyword, [item for item in items if item is not None])
        elif element.keyword in allowed:
            check = allowed[element.keyword]
            if check is None or check(element.value):
                copy[element.keyword] = element
    return copy


def _item(item: Dataset, allowed: Mapping[str, Callable[[object], bool] | None]) -> Dataset | None:
    if "CodeValue" not in item:
        return kept(item, allowed)
    value, scheme = str(item.CodeValue), str(item.get("CodingSchemeDesignator") or "")
    if scheme not in _SCHEMES or not _CODE.fullmatch(value) or not any(map(str.isdigit, value)):
        return None
    code = _code(value, f"{scheme} {value}", scheme)
    for modifier in ("PatientOrientationModifierCodeSequence",):
        if modifier in item and modifier in allowed:
            items = [_item(inner, allowed) for inner in item[modifier].value]
            setattr(code, modifier, [inner for inner in items if inner is not None])
    return code


def nobody(patient: Dataset) -> Dataset:
    """Patient and study without anything of the source but UIDs that stand for its own."""
    blank = Dataset()
    blank.StudyInstanceUID = mapped_uid(patient.StudyInstanceUID)
    blank.FrameOfReferenceUID = mapped_uid(patient.FrameOfReferenceUID)
    blank.PatientName = _NAME
    blank.PatientID = f"ANON-{str(blank.StudyInstanceUID)[-12:]}"
    blank.PatientBirthDate = blank.PatientSex = ""
    blank.StudyDate = blank.StudyTime = blank.StudyID = blank.AccessionNumber = ""
    blank.ReferringPhysicianName = ""
    return blank


def _image(image: Dataset, patient: Dataset) -> Dataset:
    copy = kept(image, dict.fromkeys((*GEOMETRY, *SHOWING)))
    copy.update(patient)
    copy.SOPClassUID = image.SOPClassUID
    copy.SOPInstanceUID, copy.SeriesInstanceUID = (
        mapped_uid(image.SOPInstanceUID),
        mapped_uid(image.SeriesInstanceUID),
    )
    copy.Modality = image.Modality
    return copy


def _group(group: Group, images: Mapping[int, Dataset]) -> Group:
    return group if group.image is None else replace(group, image=images[id(group.image)])


def _labels(labels: Labels, images: Mapping[int, Dataset]) -> Labels:
    return replace(labels, images=[images[id(image)] for image in labels.images])


def _code(value: str, meaning: str, scheme: str = "DCM") -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item
