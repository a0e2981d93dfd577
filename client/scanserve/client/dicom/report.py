"""The Structured Report: TID 1500, Comprehensive SR, which viewers and archives read most widely."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np
from pydicom.dataset import Dataset

from scanserve.client.dicom.codes import COMMENT
from scanserve.client.dicom.content import Content, Group, Number
from scanserve.client.dicom.identity import MANUFACTURER, Identity, finish
from scanserve.preprocessing.dicom import shortened

if TYPE_CHECKING:
    from highdicom import sr

__all__ = ["PIXEL_CENTRE", "algorithm_of", "measurement_report", "observation", "report_object"]

#: Longest value of a UT element that is written here, in bytes.
_COMMENT = 2000
#: Longest name of a person, in bytes.
_PN = 64
#: The centre of the first pixel, as coordinates in an image count: its corner is (0, 0) (PS3.3 C.18.6.1.1).
PIXEL_CENTRE = 0.5


def report_object(content: Content, identity: Identity) -> Dataset:
    """The report of a run; what was analysed is its evidence."""
    from highdicom import sr

    groups = [_group(group, identity) for group in content.groups]
    root = measurement_report(content, identity, groups)
    ds = sr.ComprehensiveSR(
        evidence=content.sources.images,
        content=root[0],
        is_complete=True,
        **identity.series("report", 1),
    )
    return finish(ds, identity, f"{content.title}: report")


def measurement_report(content: Content, identity: Identity, groups: list) -> sr.MeasurementReport:
    """The content tree of TID 1500; the notice, the models and the comments come before the measurements.

    Content is said to be separate: viewers write what is continuous in one line, numbers without their names.
    """
    from highdicom import sr

    root = sr.MeasurementReport(
        observation_context=observation(identity, content.persons),
        procedure_reported=content.procedure,
        imaging_measurements=groups,
    )
    items = root[0].ContentSequence
    for text in (content.algorithm.notice, _models(content), *content.comments):
        comment = sr.TextContentItem(COMMENT, shortened(text, _COMMENT), sr.RelationshipTypeValues.CONTAINS)
        items.insert(len(items) - 1, comment)
    for element in root[0].iterall():
        if element.keyword == "ContinuityOfContent":
            element.value = "SEPARATE"
    return root


def _models(content: Content) -> str:
    """The served models with their hashes, once for all measurements."""
    models = sorted(content.algorithm.models.items())
    return "Models: " + ("; ".join(f"{name} {sha256}" for name, sha256 in models) or "none") + "."


def observation(identity: Identity, persons: Sequence[str] = ()) -> sr.ObservationContext:
    """The observers: a device, and the last of the persons who took part, if any (TID 1002 has one of each)."""
    from highdicom import sr
    from pydicom.sr.codedict import codes

    device = sr.DeviceObserverIdentifyingAttributes(
        uid=identity.uid("device"),
        name=f"scanserve {identity.application}",
        manufacturer_name=MANUFACTURER,
        model_name=f"scanserve {identity.application}",
        serial_number="none",
    )
    return sr.ObservationContext(
        observer_person_context=_person(persons[-1]) if persons else None,
        observer_device_context=sr.ObserverContext(
            observer_type=codes.DCM.Device, observer_identifying_attributes=device
        ),
    )


def _person(name: str) -> sr.ObserverContext:
    from highdicom import sr
    from pydicom.sr.codedict import codes

    person = sr.PersonObserverIdentifyingAttributes(name=shortened(_person_name(name), _PN))
    return sr.ObserverContext(observer_type=codes.DCM.Person, observer_identifying_attributes=person)


def _person_name(name: str) -> str:
    """A name as DICOM writes it: what is not said in parts is the family name, and ends with its delimiter."""
    plain = name.replace("\\", " ").replace("=", " ").strip() or "unknown"
    return plain if "^" in plain else f"{plain}^"


def _group(group: Group, identity: Identity) -> sr.MeasurementsAndQualitativeEvaluations:
    from highdicom import sr

    return sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(identity.uid("group", group.identifier), group.identifier),
        finding_type=group.finding,
        algorithm_id=algorithm_of(identity),
        finding_sites=[sr.FindingSite(*place) for place in _sites(group)] or None,
        measurements=[_measurement(number, group.image) for number in group.numbers] or None,
        qualitative_evaluations=[sr.QualitativeEvaluation(*pair) for pair in group.evaluations] or None,
        source_images=_images(group),
    )


def _sites(group: Group) -> Iterator[tuple]:
    """Site and laterality of each."""
    return zip_longest(group.sites, group.lateralities)


def _measurement(number: Number, image: Dataset | None) -> sr.Measurement:
    from highdicom import sr

    value = round(float(number.value), 5)
    if not number.places or image is None:
        return sr.Measurement(number.name, value, number.unit)
    place = sr.CoordinatesForMeasurement(
        sr.GraphicTypeValues.POLYLINE,
        np.array(number.places, np.float32) + PIXEL_CENTRE,
        sr.SourceImageForRegion(image.SOPClassUID, image.SOPInstanceUID),
    )
    return sr.Measurement(number.name, value, number.unit, referenced_coordinates=[place])


def algorithm_of(identity: Identity) -> sr.AlgorithmIdentification:
    """Which algorithm measured (TID 4019)."""
    from highdicom import sr
    from pydicom.sr.codedict import codes

    return sr.AlgorithmIdentification(
        name=f"scanserve {identity.application}",
        version=identity.algorithm.version,
        family=codes.cid7162.ArtificialIntelligence,
        manufacturer=MANUFACTURER,
    )


def _images(group: Group) -> list[sr.SourceImageForMeasurementGroup] | None:
    from highdicom import sr

    if group.image is None:
        return None
    image = group.image
    return [sr.SourceImageForMeasurementGroup(image.SOPClassUID, image.SOPInstanceUID)]
