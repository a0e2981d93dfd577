"""Elements as they lie in a file, where a value need not be one that its kind may have."""

from __future__ import annotations

from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag


def raw_element(keyword: str, value: str | bytes, vr: str | None = None) -> RawDataElement:
    """An element of explicit little endian, with any bytes for its value."""
    data = value.encode("latin-1") if isinstance(value, str) else value
    tag = Tag(tag_for_keyword(keyword))
    return RawDataElement(tag, vr or dictionary_VR(tag), len(data), data, 0, False, True)


def raw_elements(**values: str | bytes) -> Dataset:
    """A dataset of such elements, by keyword."""
    elements = [raw_element(keyword, value) for keyword, value in values.items()]
    return Dataset({element.tag: element for element in elements})
