import pytest

from scanserve.client.dicom.identity import Identity
from scanserve.client.dicom.report import report_object
from scanserve.contracts import NOT_FOR_DIAGNOSIS
from tests.support.dicom_content import ARTERY, SHAPE, content, write_study


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    return content(write_study(tmp_path_factory.mktemp("study")))


@pytest.fixture(scope="module")
def ds(said):
    return report_object(said, Identity.of(said))


def items(ds):
    for item in ds.get("ContentSequence", ()):
        yield item
        yield from items(item)


def named(ds, value):
    return [item for item in items(ds) if item.ConceptNameCodeSequence[0].CodeValue == value]


def test_it_is_a_measurement_report(ds):
    assert ds.ContentTemplateSequence[0].TemplateIdentifier == "1500"
    assert ds.ConceptNameCodeSequence[0].CodeValue == "126000"


def test_numbers_and_classes_are_in_it(ds):
    (number,) = named(ds, "quality-score")
    assert float(number.MeasuredValueSequence[0].NumericValue) == 0.75
    (quality,) = named(ds, "quality-class")
    assert quality.ConceptCodeSequence[0].CodeMeaning == "good"
    assert named(ds, "363698007")[0].ConceptCodeSequence[0].CodeValue == ARTERY.value  # finding site


def test_the_algorithm_and_its_models_are_named(ds):
    assert named(ds, "111001")[0].TextValue == "scanserve ccta"
    assert named(ds, "111003")[0].TextValue == "1.2"
    assert f"ccta_quality {'ab' * 32}" in named(ds, "121106")[1].TextValue


def test_it_says_that_it_is_not_for_diagnosis(ds):
    said = [item.TextValue for item in named(ds, "121106")]
    assert (said[0], said[-1]) == (NOT_FOR_DIAGNOSIS, "A comment.")


def test_that_comes_before_the_measurements(ds):
    kinds = [item.ConceptNameCodeSequence[0].CodeValue for item in ds.ContentSequence]
    assert kinds.index("121106") < kinds.index("126010")


def test_items_stand_apart_from_each_other(ds):
    containers = [ds, *(item for item in items(ds) if item.ValueType == "CONTAINER")]
    assert {container.ContinuityOfContent for container in containers} == {"SEPARATE"}


def test_every_source_is_evidence(ds):
    evidence = [
        *ds.get("CurrentRequestedProcedureEvidenceSequence", ()),
        *ds.get("PertinentOtherEvidenceSequence", ()),
    ]
    count = sum(
        len(series.ReferencedSOPSequence) for study in evidence for series in study.ReferencedSeriesSequence
    )
    assert count == SHAPE[0]


def test_the_private_scheme_is_identified(ds):
    assert [item.CodingSchemeDesignator for item in ds.CodingSchemeIdentificationSequence] == ["99SCANSERVE"]
