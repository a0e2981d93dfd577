"""The images that were analysed, as valid objects that new ones can refer to.

What a reader tolerates must not be written on: UIDs that are none, or that an anonymiser wrote into all files, are
replaced by UIDs of what they stand for, and headers are valid copies.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage
from pydicom.valuerep import format_number_as_ds

from scanserve.client.dicom.uids import uid_of, valid_uid
from scanserve.preprocessing import Phase, Tomogram
from scanserve.preprocessing.dicom import quiet_pydicom, read_header, valid_copy
from scanserve.preprocessing.radiograph import Film

__all__ = ["GEOMETRY", "SHOWING", "Sources", "of_film", "of_phases", "of_tomogram"]

#: What new objects take over from their sources: the patient and the study (PS3.3 C.7.1.1, C.7.2.1).
_TYPE_2 = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "AccessionNumber",
    "ReferringPhysicianName",
)
#: Values of PatientSex (PS3.3 C.7.1.1).
_SEXES = ("M", "F", "O", "")
_FURTHER = (
    "IssuerOfPatientID",
    "OtherPatientIDs",
    "PatientAge",
    "PatientSize",
    "PatientWeight",
    "StudyDescription",
)

#: What says where the pixels of a source lie.
GEOMETRY = (
    "Rows",
    "Columns",
    "NumberOfFrames",
    "PixelSpacing",
    "SliceThickness",
    "SpacingBetweenSlices",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
    "PixelMeasuresSequence",
    "PlanePositionSequence",
    "PlaneOrientationSequence",
)

#: What says how the pixels of a film are shown.
SHOWING = (
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "RescaleSlope",
    "RescaleIntercept",
    "RescaleType",
    "WindowCenter",
    "WindowWidth",
    "VOILUTFunction",
)


@dataclass(frozen=True, eq=False)
class Sources:
    """The sources of one run.

    Attributes:
        patient: patient and study, with StudyInstanceUID and FrameOfReferenceUID.
        images: every image, as far as it is referred to; by series, in the order of its slices.
        series: the images of each part of the study that is analysed, by its label.
    """

    patient: Dataset
    series: dict[str, list[Dataset]]

    @property
    def images(self) -> list[Dataset]:
        """Every image once."""
        found = {str(image.SOPInstanceUID): image for images in self.series.values() for image in images}
        return list(found.values())

    @property
    def key(self) -> tuple[str, ...]:
        """What tells these sources from others."""
        return tuple(sorted(str(image.SOPInstanceUID) for image in self.images))


def of_phases(phases: Sequence[Phase]) -> Sources:
    """The slices of CT phases, at least one; frames of multi-frame files are one image."""
    with quiet_pydicom():
        patient = _patient(_header(phases[0].files[0]), phases[0].stack.slices[0].frame_of_reference)
        return Sources(patient, {phase.label: list(_slices(phase, patient)) for phase in phases})


def of_tomogram(tomogram: Tomogram) -> Sources:
    """The one file of an emission tomogram."""
    with quiet_pydicom():
        header = _header(tomogram.path)
        patient = _patient(header, str(header.get("FrameOfReferenceUID") or ""))
        image = _whole(header, patient, tomogram.sop_uid, tomogram.series_uid)
        return Sources(patient, {"": [image]})


def of_film(film: Film) -> Sources:
    """The one file of a plain film."""
    with quiet_pydicom():
        header = _header(film.path)
        patient = _patient(header, str(header.get("FrameOfReferenceUID") or ""))
        image = _whole(header, patient, film.sop_uid, film.series_uid)
        image.update({element.tag: element for element in header if element.keyword in SHOWING})
        return Sources(patient, {"": [image]})


def _header(path: str | os.PathLike[str]) -> Dataset:
    copy = valid_copy(read_header(path))
    copy.pop("SpecificCharacterSet", None)
    return copy


def _patient(header: Dataset, frame_of_reference: str) -> Dataset:
    patient = Dataset()
    for keyword in (*_TYPE_2, *_FURTHER):
        if keyword in header:
            patient[keyword] = header[keyword]
        elif keyword in _TYPE_2:
            setattr(patient, keyword, "")
    if patient.PatientSex not in _SEXES:
        patient.PatientSex = ""
    patient.StudyInstanceUID = valid_uid(str(header.get("StudyInstanceUID") or ""), "StudyInstanceUID")
    patient.FrameOfReferenceUID = valid_uid(
        frame_of_reference, "FrameOfReferenceUID", str(patient.StudyInstanceUID)
    )
    return patient


def _slices(phase: Phase, patient: Dataset) -> Iterator[Dataset]:
    stack, seen = phase.stack, set[str]()
    multiframe = stack.slices[0].frame.count > 1
    first = _header(phase.files[0])
    for number, image in enumerate(stack.slices):
        frame = image.frame
        if multiframe:
            if frame.file not in seen:
                seen.add(frame.file)
                header = _header(phase.root / frame.file)
                yield _whole(header, patient, frame.sop_uid, image.series_uid)
            continue
        sop_uid = valid_uid(frame.sop_uid, "SOPInstanceUID", image.series_uid, str(number))
        if str(sop_uid) in seen:
            sop_uid = uid_of("SOPInstanceUID", image.series_uid, str(sop_uid), str(number))
        seen.add(str(sop_uid))
        dataset = _reference(
            patient, str(first.get("SOPClassUID") or CTImageStorage), sop_uid, image.series_uid
        )
        dataset.Modality = "CT"
        dataset.Rows, dataset.Columns = frame.rows, frame.columns
        dataset.PixelSpacing = [format_number_as_ds(float(value)) for value in image.pixel_spacing]
        dataset.ImagePositionPatient = [format_number_as_ds(float(value)) for value in image.position]
        dataset.ImageOrientationPatient = [format_number_as_ds(float(value)) for value in image.orientation]
        dataset.SliceThickness = format_number_as_ds(float(image.thickness or stack.step))
        yield dataset


def _whole(header: Dataset, patient: Dataset, sop_uid: str, series_uid: str) -> Dataset:
    """A multi-frame file with what its header says about where its frames lie."""
    valid_sop = valid_uid(sop_uid, "SOPInstanceUID", series_uid)
    dataset = _reference(patient, str(header.SOPClassUID), valid_sop, series_uid)
    dataset.Modality = header.Modality
    dataset.update({element.tag: element for element in header if element.keyword in GEOMETRY})
    return dataset


def _reference(patient: Dataset, sop_class: str, sop_uid: str, series_uid: str) -> Dataset:
    dataset = Dataset()
    dataset.update(patient)
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class, sop_uid
    dataset.SeriesInstanceUID = valid_uid(series_uid, "SeriesInstanceUID", str(patient.StudyInstanceUID))
    return dataset
