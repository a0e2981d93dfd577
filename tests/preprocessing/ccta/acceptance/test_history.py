import pytest
from pydicom.dataset import Dataset

from scanserve.preprocessing.ccta.acceptance.history import ATTRIBUTES, find_mentions
from scanserve.preprocessing.dicom import Header


def mentions(**texts):
    dataset = Dataset()
    for keyword, text in texts.items():
        setattr(dataset, keyword, text)
    return [(found.subject, found.attribute, found.confidence) for found in find_mentions(Header(dataset))]


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("s/p CABG 2019", "bypass surgery"),
        ("CT Herz bei Schrittmacher", "pacemaker or defibrillator"),
        ("dual chamber ICD in situ", "pacemaker or defibrillator"),
        ("TAVI planning", "valve surgery"),
        ("Fontan circulation", "congenital heart disease"),
        ("stent LAD", "stent"),
        ("after heart transplant", "heart surgery"),
    ],
)
def test_subjects_are_found(text, subject):
    assert mentions(AdditionalPatientHistory=text) == [(subject, "AdditionalPatientHistory", "medium")]


@pytest.mark.parametrize(
    "text", ["CorCTA 75 %", "code ICD-10 I25.1", "suspected stenosis", "TAVISTOCK clinic"]
)
def test_other_text_is_none(text):
    assert mentions(StudyDescription=text) == []


@pytest.mark.parametrize("text", ["no CABG", "without previous CABG", "kein CABG"])
def test_a_denied_mention_is_doubtful(text):
    assert mentions(StudyDescription=text) == [("bypass surgery", "StudyDescription", "low")]


def test_the_surest_mention_of_a_subject_counts():
    found = mentions(StudyDescription="no CABG", PatientComments="CABG 2011")
    assert found == [("bypass surgery", "PatientComments", "medium")]


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_every_attribute_is_searched(attribute):
    assert mentions(**{attribute: "Fallot"}) == [("congenital heart disease", attribute, "medium")]
