import pytest
from pydicom.dataset import Dataset

from scanserve.client.dicom.deidentify import deidentified, kept, mapped_uid
from scanserve.client.dicom.write import write_objects
from tests.support.dicom_content import content, write_study


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    return content(write_study(tmp_path_factory.mktemp("study")))


def test_uids_become_others_and_stay_together(said):
    private = deidentified(said)
    image = private.sources.images[3]
    assert image.SOPInstanceUID == mapped_uid(said.sources.images[3].SOPInstanceUID)
    assert private.groups[0].image is image
    assert private.labels[0].images[3] is image


def test_nothing_of_the_patient_stays(said, tmp_path):
    needles = [b"SECRET", b"19700101", str(said.sources.patient.StudyInstanceUID).encode() + b"\0"]
    for file in write_objects(tmp_path, said, deidentify=True):
        assert [needle for needle in needles if needle in file.read_bytes()] == [], file.name


def test_only_what_is_allowed_stays():
    ds = Dataset()
    ds.Rows, ds.PatientName, ds.PatientPosition = 3, "A^B", "HFS"
    assert kept(ds, {"Rows": None, "PatientPosition": lambda value: value == "FFS"}).dir() == ["Rows"]


@pytest.mark.parametrize(
    ("value", "scheme", "stays"),
    [("21572004", "SCT", True), ("21572004", "99OURS", False), ("J. Doe", "SCT", False)],
)
def test_codes_stay_where_they_are_of_a_known_scheme(value, scheme, stays):
    item, ds = Dataset(), Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, "of J. Doe"
    ds.RadionuclideCodeSequence = [item]
    copy = kept(ds, {"RadionuclideCodeSequence": None})
    assert len(copy.RadionuclideCodeSequence) == stays
    assert "Doe" not in str(copy)
