from datetime import datetime, timezone

import numpy as np
import pydicom
import pytest

from scanserve.client.dat.nmseries import SERIES_OFFSET, Derived, derive
from scanserve.contracts import NOT_FOR_DIAGNOSIS
from scanserve.preprocessing import read_tomograms

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


@pytest.fixture
def source(study):
    (tomogram,) = read_tomograms(study).tomograms
    return tomogram


def made(source, counts, first=2, blur=False):
    return derive(source, counts, first, Derived("U-Net, 4 levels", blur, 1, "0.1"), NOW)


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
    assert made(source, counts).SOPInstanceUID != ds.SOPInstanceUID


def test_the_derivation_is_coded_and_points_to_the_source(source, counts):
    ds = made(source, counts)
    assert ds.ImageType[0] == "DERIVED"
    assert "U-Net, 4 levels" in ds.DerivationDescription
    assert ds.DerivationCodeSequence[0].CodeValue == "113087"
    assert made(source, counts, blur=True).DerivationCodeSequence[0].CodeValue == "113088"
    (reference,) = ds.SourceImageSequence
    assert reference.ReferencedSOPInstanceUID == source.sop_uid
    assert list(reference.ReferencedFrameNumber) == [3, 4, 5, 6, 7]
    assert ds.ImageComments == NOT_FOR_DIAGNOSIS
    assert ds.ContributingEquipmentSequence[-1].Manufacturer == "scanserve"


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
