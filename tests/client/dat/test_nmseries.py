from datetime import datetime, timezone

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from scanserve.client.dat.nmseries import SERIES_OFFSET, Derived, derive
from scanserve.contracts import NOT_FOR_DIAGNOSIS
from scanserve.preprocessing import read_tomograms

#: The element of the pixel data, as explicit little endian begins it.
PIXELS = b"\xe0\x7f\x10\x00OW"
NOTICE = f"{NOT_FOR_DIAGNOSIS} The networks were trained on annotated images."
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


@pytest.fixture
def source(study):
    (tomogram,) = read_tomograms(study).tomograms
    return tomogram


def made(source, counts, first=2, blur=False):
    return derive(source, counts, first, Derived("U-Net, 4 levels", blur, 1, "0.1", NOTICE), NOW)


@pytest.fixture
def counts():
    return (100 * np.random.default_rng(0).random((5, 128, 128))).astype(np.float32)


def test_it_is_read_back_at_its_place_with_its_counts(source, counts, tmp_path):
    made(source, counts).save_as(tmp_path / "made.dcm", enforce_file_format=True)
    (again,) = read_tomograms(tmp_path).tomograms
    assert again.shape == (5, 128, 128)
    assert again.spacing_mm == source.spacing_mm
    assert again.load() == pytest.approx(counts, abs=0.01)
    ds, original = pydicom.dcmread(again.path), pydicom.dcmread(source.path)
    moved = np.subtract(*(own.DetectorInformationSequence[0].ImagePositionPatient for own in (ds, original)))
    assert moved == pytest.approx([0, 0, 2 * 3.29])


def test_patient_study_and_frame_of_reference_are_the_source_s_and_the_rest_is_new(source, counts):
    ds, original = made(source, counts), pydicom.dcmread(source.path)
    for keyword in (
        "PatientID",
        "StudyInstanceUID",
        "FrameOfReferenceUID",
        "RadiopharmaceuticalInformationSequence",
    ):
        assert ds[keyword] == original[keyword]
    for keyword in ("SOPInstanceUID", "SeriesInstanceUID"):
        assert ds[keyword] != original[keyword]
    assert ds.SeriesNumber == SERIES_OFFSET + 11
    assert ds.file_meta.MediaStorageSOPInstanceUID == ds.SOPInstanceUID
    assert made(source, counts).SOPInstanceUID == ds.SOPInstanceUID


def test_the_derivation_is_coded_and_points_to_the_source(source, counts):
    ds = made(source, counts)
    assert ds.ImageType[0] == "DERIVED"
    assert "U-Net, 4 levels" in ds.DerivationDescription
    assert ds.DerivationCodeSequence[0].CodeValue == "113087"
    assert made(source, counts, blur=True).DerivationCodeSequence[0].CodeValue == "113088"
    (reference,) = ds.SourceImageSequence
    assert reference.ReferencedSOPInstanceUID == source.sop_uid
    assert list(reference.ReferencedFrameNumber) == [3, 4, 5, 6, 7]
    assert ds.ImageComments == NOTICE
    assert ds.ContributingEquipmentSequence[-1].Manufacturer == "scanserve"
    assert ds.ContributingEquipmentSequence[-1].ContributionDescription.startswith(NOTICE)


def test_private_elements_and_icons_do_not_go_along(study, tmp_path, counts):
    original = pydicom.dcmread(study / "1.dcm")
    original.private_block(0x0099, "SOMEONE", create=True).add_new(1, "LO", "a secret")
    original.IconImageSequence = []
    original.save_as(tmp_path / "with.dcm")
    (source,) = read_tomograms(tmp_path).tomograms
    ds = made(source, counts)
    assert "a secret" not in str(ds)
    assert "IconImageSequence" not in ds


def test_a_frame_without_a_place_stays_without(study, tmp_path, counts):
    original = pydicom.dcmread(study / "1.dcm")
    for detector in original.DetectorInformationSequence:
        del detector.ImagePositionPatient
    original.save_as(tmp_path / "without.dcm")
    (source,) = read_tomograms(tmp_path).tomograms
    assert "ImagePositionPatient" not in made(source, counts).DetectorInformationSequence[0]


def _changed(study, tmp_path, change):
    """The tomogram of the study with a changed header."""
    original = pydicom.dcmread(study / "1.dcm")
    change(original)
    original.save_as(tmp_path / "changed.dcm")
    (source,) = read_tomograms(tmp_path).tomograms
    return source


def _written(ds, path):
    """The object as it is read back strictly, every element of it."""
    ds.save_as(path, enforce_file_format=True)
    again = pydicom.dcmread(path)
    with pydicom.config.strict_reading():
        for element in again.iterall():
            assert element.value is None or element.VR
    assert b"nan" not in _before_pixels(path).lower()
    return again


def _before_pixels(path):
    content = path.read_bytes()
    return content[: content.index(PIXELS)]


@pytest.mark.parametrize(
    ("valid", "odd"),
    [
        (b"3.2900", b"3,2900"),
        (b"3.2900", b"nan   "),
        (b"-208.9150\\-208.9150", b"UNKNOWN  \\UNKNOWN  "),
        (b"20260101", b"2026-1-1"),
        (b"120000", b"12:0:0"),
        (b"IS\x04\x001000", b"IS\x04\x0012.5"),
    ],
)
def test_what_reading_tolerates_writing_does_not_write_on(study, counts, tmp_path, valid, odd):
    assert len(valid) == len(odd)
    content = (study / "1.dcm").read_bytes()
    assert valid in content
    (tmp_path / "source").mkdir()
    pixels = content.index(PIXELS)
    spacing = content.index(b"\x28\x00\x30\x00DS")
    end = spacing if odd.startswith(b"nan") else pixels  # a pixel spacing is needed
    (tmp_path / "source" / "1.dcm").write_bytes(content[:end].replace(valid, odd) + content[end:])
    (source,) = read_tomograms(tmp_path / "source").tomograms
    ds = _written(made(source, counts), tmp_path / "made.dcm")
    assert list(ds.PixelSpacing) == [3.29, 3.29]
    assert odd.strip() not in _before_pixels(tmp_path / "made.dcm")


@pytest.mark.parametrize(
    ("character_set", "stated"), [("ISO_IR 192", "ISO_IR 192"), ("ISO_IR 100", "ISO_IR 100")]
)
def test_letters_stay_what_they_are(study, counts, tmp_path, character_set, stated):
    def change(original):
        original.SpecificCharacterSet = character_set
        original.SeriesDescription, original.PatientName = "Hirn früh", "Müller^Jürgen"

    ds = _written(made(_changed(study, tmp_path, change), counts), tmp_path / "made.dcm")
    assert ds.SpecificCharacterSet == stated
    assert ds.SeriesDescription == "Hirn früh U-Net, 4 levels"
    assert ds.PatientName == "Müller^Jürgen"


def test_real_world_values_are_stated_as_the_source_does(study, counts, tmp_path):
    def change(original):
        item = Dataset()
        item.RealWorldValueFirstValueMapped, item.RealWorldValueLastValueMapped = 0, 65535
        item.RealWorldValueIntercept, item.RealWorldValueSlope, item.LUTLabel = 0.0, 0.002, "COUNTS"
        original.RealWorldValueMappingSequence = [item]

    source = _changed(study, tmp_path, change)
    assert source.slope == 0.002
    ds = _written(made(source, counts), tmp_path / "changed.dcm")
    (item,) = ds.RealWorldValueMappingSequence
    assert (item.RealWorldValueSlope, item.LUTLabel) == (pytest.approx(float(ds.RescaleSlope)), "COUNTS")
    (again,) = read_tomograms(tmp_path).tomograms
    assert again.load() == pytest.approx(counts, abs=0.01)
    assert again.findings == ()


def test_no_counts_are_cut_off_however_many_there_are(source, tmp_path):
    many = np.zeros((5, 128, 128), np.float32)
    many[2, 60, 60], many[2, 60, 61] = 4e6, 2e6
    _written(made(source, many), tmp_path / "made.dcm")
    (again,) = read_tomograms(tmp_path).tomograms
    assert again.load()[2, 60, 60:62] == pytest.approx([4e6, 2e6], rel=1e-4)


def test_nothing_is_no_counts_even_where_the_source_has_an_intercept(study, counts, tmp_path):
    def change(original):
        original.RescaleSlope, original.RescaleIntercept = "1", "5"

    counts[:, :, :32] = 0
    ds = made(_changed(study, tmp_path, change), counts)
    ds.save_as(tmp_path / "changed.dcm", enforce_file_format=True)
    (again,) = read_tomograms(tmp_path).tomograms
    assert again.load()[:, :, :32].max() == 0


def test_uids_that_are_none_are_replaced_alike(study, counts, tmp_path):
    content = (study / "1.dcm").read_bytes()
    uid = pydicom.dcmread(study / "1.dcm").StudyInstanceUID.encode()
    (tmp_path / "1.dcm").write_bytes(content.replace(uid, b"x" * len(uid)))
    (source,) = read_tomograms(tmp_path).tomograms
    first, second = made(source, counts), made(source, counts)
    assert first.StudyInstanceUID.is_valid
    assert first.StudyInstanceUID == second.StudyInstanceUID
