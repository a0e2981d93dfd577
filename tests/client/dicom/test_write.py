import shutil
import subprocess

import pydicom
import pytest

from scanserve.client.dicom.write import write_objects
from scanserve.contracts import NOT_FOR_DIAGNOSIS
from tests.support.dicom_content import content, write_study
from tests.support.dicom_standard import errors_of


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    return content(write_study(tmp_path_factory.mktemp("study")))


@pytest.fixture(scope="module")
def files(said, tmp_path_factory):
    return write_objects(tmp_path_factory.mktemp("out"), said)


def test_files_are_named_after_what_they_hold(files):
    assert [file.name for file in files] == [
        "report.dcm",
        "centerlines.dcm",
        "segmentation-0.dcm",
        "picture-strip.dcm",
    ]


def test_a_repeated_run_gives_the_same_uids(said, files, tmp_path):
    again = write_objects(tmp_path, said)
    for first, second in zip(files, again, strict=True):
        pair = [pydicom.dcmread(file) for file in (first, second)]
        assert pair[0].SOPInstanceUID == pair[1].SOPInstanceUID
        assert pair[0].SeriesInstanceUID == pair[1].SeriesInstanceUID


def test_uids_of_deidentified_objects_are_others(said, files, tmp_path):
    named = {pydicom.dcmread(file).SOPInstanceUID for file in files}
    nameless = {
        pydicom.dcmread(file).SOPInstanceUID for file in write_objects(tmp_path, said, deidentify=True)
    }
    assert not named & nameless


def test_every_object_says_what_it_is_not_for(files):
    for file in files:
        ds = pydicom.dcmread(file)
        assert ds.ContributingEquipmentSequence[0].ContributionDescription.startswith(NOT_FOR_DIAGNOSIS)
        assert "not for diagnosis" in ds.SeriesDescription


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="needs Debian's dicom3tools")
@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"PatientName": "Müller^Jürgen", "SpecificCharacterSet": "ISO_IR 100"},
        {"PatientID": None, "StudyDate": None, "StudyID": None},
    ],
)
def test_objects_obey_their_definition(tmp_path, changed):
    for file in write_objects(tmp_path, content(write_study(tmp_path / "study", **changed))):
        done = subprocess.run(["dciodvfy", file], capture_output=True, text=True, timeout=60, check=False)
        assert [line for line in done.stderr.splitlines() if line.startswith("Error")] == [], file.name


def test_objects_pass_the_validator_of_the_standard(files):
    for file in files:
        assert errors_of(pydicom.dcmread(file)) == [], file.name


@pytest.mark.parametrize(
    ("name", "spoil", "error"),
    [
        ("report.dcm", lambda ds: delattr(ds, "PatientName"), "Patient: (0010,0010) TagMissing"),
        (
            "report.dcm",
            lambda ds: delattr(ds.ContentSequence[-1].ConceptNameCodeSequence[0], "CodeMeaning"),
            "SR Document Content: (0040,A730) / (0040,A043) / (0008,0104) TagMissing",
        ),
        (
            "report.dcm",
            lambda ds: setattr(ds, "CompletionFlag", "DONE"),
            "SR Document General: (0040,A491) EnumValueNotAllowed",
        ),
        (
            "segmentation-0.dcm",
            lambda ds: delattr(ds.PerFrameFunctionalGroupsSequence[0], "FrameContentSequence"),
            "Frame Content: (5200,9229) / (0020,9111) TagMissing",
        ),
        ("picture-strip.dcm", lambda ds: setattr(ds, "SOPClassUID", "1.2.3"), "UnknownSOPClassUID"),
    ],
)
def test_the_validator_of_the_standard_finds_faults(files, name, spoil, error):
    ds = pydicom.dcmread(next(file for file in files if file.name == name))
    spoil(ds)
    found = errors_of(ds)
    assert any(line.startswith(error) for line in found), found


def test_text_in_other_letters_is_read_back(tmp_path):
    study = write_study(tmp_path / "study", PatientName="Müller^Jürgen", SpecificCharacterSet="ISO_IR 100")
    for file in write_objects(tmp_path, content(study)):
        assert pydicom.dcmread(file).PatientName == "Müller^Jürgen"
