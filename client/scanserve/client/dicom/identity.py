"""What every object states of itself: who made it, from what, that it is not for diagnosis, and what was learned from.

UIDs of new objects follow from the sources, the version and the models, so that a repeated run of the same input gives
the same ones, and another version gives others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import UID

from scanserve.client.dicom.codes import PROCESSING_EQUIPMENT, SCHEME, Code
from scanserve.client.dicom.content import Algorithm, Content
from scanserve.client.dicom.uids import uid_of
from scanserve.preprocessing.dicom import set_character_set, shortened

__all__ = ["MANUFACTURER", "Identity", "finish"]

MANUFACTURER = "scanserve"
#: Series of new objects are numbered from here; a study's own series are numbered below.
SERIES_NUMBER = 9100
#: Longest values of LO and ST elements, in bytes.
_LO, _ST = 64, 1024
#: On a description that has no room for the whole notice.
SHORT_NOTICE = "not for diagnosis"


@dataclass(frozen=True)
class Identity:
    """The identity of the objects of one run."""

    key: tuple[str, ...]
    application: str
    algorithm: Algorithm

    @classmethod
    def of(cls, content: Content, *more: str) -> Identity:
        """Of the objects of ``content``; ``more`` tells runs of the same sources apart."""
        algorithm = content.algorithm
        models = (f"{name} {sha256}" for name, sha256 in sorted(algorithm.models.items()))
        key = (content.application, algorithm.version, *models, *more, *content.key, *content.sources.key)
        return cls(key, content.application, algorithm)

    def uid(self, *name: str) -> UID:
        """Of a new object, or of a part of one."""
        return uid_of(*name, *self.key)

    def series(self, name: str, number: int, instance: int = 1) -> dict[str, Any]:
        """What highdicom asks of every object: series, instance and equipment."""
        return {
            "series_instance_uid": self.uid("series", name),
            "series_number": SERIES_NUMBER + number,
            "sop_instance_uid": self.uid("instance", name, str(instance)),
            "instance_number": instance,
            "manufacturer": MANUFACTURER,
        }

    @property
    def equipment(self) -> dict[str, Any]:
        """Model, version and serial number, as highdicom names them."""
        return {
            "manufacturer_model_name": f"scanserve {self.application}",
            "software_versions": shortened(self.algorithm.version, _LO),
            "device_serial_number": "none",
        }


def finish(ds: Dataset, identity: Identity, description: str) -> Dataset:
    """State on a new object what all of them state.

    Args:
        ds: the object.
        identity: of the run.
        description: of its series.
    """
    ds.SeriesDescription = shortened(f"{description} ({SHORT_NOTICE})", _LO)
    ds.Manufacturer, ds.ManufacturerModelName = MANUFACTURER, f"scanserve {identity.application}"
    ds.SoftwareVersions = shortened(identity.algorithm.version, _LO)
    ds.DeviceSerialNumber = "none"
    ds.ContributingEquipmentSequence = [_equipment(identity)]
    if _uses_own_codes(ds):
        ds.CodingSchemeIdentificationSequence = [_coding_scheme()]
    ds.pop("SpecificCharacterSet", None)
    set_character_set(ds)
    return ds


def _equipment(identity: Identity) -> Dataset:
    algorithm = identity.algorithm
    models = ", ".join(f"{name} {sha256[:12]}" for name, sha256 in sorted(algorithm.models.items()))
    item = Dataset()
    item.PurposeOfReferenceCodeSequence = [_code(PROCESSING_EQUIPMENT)]
    item.Manufacturer, item.ManufacturerModelName = MANUFACTURER, f"scanserve {identity.application}"
    item.SoftwareVersions = shortened(algorithm.version, _LO)
    item.ContributionDescription = shortened(f"{algorithm.notice} Models: {models or 'none'}.", _ST)
    return item


def _uses_own_codes(ds: Dataset) -> bool:
    """Whether a code of scanserve stands anywhere in ``ds``."""
    return any(
        element.keyword == "CodingSchemeDesignator" and element.value == SCHEME for element in ds.iterall()
    )


def _coding_scheme() -> Dataset:
    item = Dataset()
    item.CodingSchemeDesignator = SCHEME
    item.CodingSchemeName = "Codes of scanserve"
    item.CodingSchemeResponsibleOrganization = MANUFACTURER
    return item


def _code(code: Code) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = (
        code.value,
        code.scheme_designator,
        code.meaning,
    )
    return item
