import pytest
from pydicom.dataset import Dataset

from scanserve.preprocessing.dicom import FileRejectedError, Header
from scanserve.preprocessing.nm.scale import Scale, read_scale
from tests.support.elements import raw_elements


def _mapping(slope=0.002, intercept=0.0, unit=None) -> Dataset:
    item = Dataset()
    item.RealWorldValueSlope, item.RealWorldValueIntercept = slope, intercept
    if unit is not None:
        code = Dataset()
        code.CodeValue = unit
        item.MeasurementUnitsCodeSequence = [code]
    return item


def _read(*mappings: Dataset, **texts: str) -> tuple[Scale, list[str]]:
    dataset = raw_elements(**texts)
    if mappings:
        dataset.RealWorldValueMappingSequence = list(mappings)
    scale, findings = read_scale(Header(dataset))
    return scale, [finding.code for finding in findings]


def test_without_a_word_stored_values_are_counts():
    assert _read() == (Scale(), [])


def test_a_rescale_is_taken():
    assert _read(RescaleSlope="0,5", RescaleIntercept="1") == (Scale(0.5, 1), [])


@pytest.mark.parametrize("texts", [{}, {"RescaleSlope": "1", "RescaleIntercept": "0"}])
def test_real_world_values_are_taken_where_a_rescale_says_nothing(texts):
    assert _read(_mapping(), **texts) == (Scale(0.002, 0, real_world=True), [])


def test_a_rescale_that_says_something_else_comes_first_and_that_is_said():
    texts = {"RescaleSlope": "0.5", "RescaleIntercept": "0"}
    assert _read(_mapping(), **texts) == (Scale(0.5, 0), ["two-scales"])
    assert _read(_mapping(0.5), **texts) == (Scale(0.5, 0), [])


def test_counts_come_before_other_units_which_are_said():
    assert _read(_mapping(7, unit="Bq/ml"), _mapping(2, unit="{counts}"))[0].slope == 2
    scale, codes = _read(_mapping(7, unit="Bq/ml"))
    assert (scale.slope, scale.unit, codes) == (7, "Bq/ml", ["values-not-counts"])


@pytest.mark.parametrize(
    "texts",
    [
        {"RescaleSlope": "0", "RescaleIntercept": "0"},
        {"RescaleSlope": "abc", "RescaleIntercept": "0"},
        {"RescaleSlope": "nan", "RescaleIntercept": "0"},
        {"RescaleSlope": "1e300", "RescaleIntercept": "0"},
        {"RescaleSlope": "-1", "RescaleIntercept": "0"},
        {"RescaleSlope": "1", "RescaleIntercept": "-1e300"},
        {"RescaleSlope": "1"},
        {"RescaleIntercept": "0"},
    ],
)
def test_a_rescale_that_is_no_numbers_is_refused(texts):
    with pytest.raises(FileRejectedError) as caught:
        _read(**texts)
    assert caught.value.code == "rescale-invalid"


def test_real_world_values_by_a_table_alone_are_refused():
    table = Dataset()
    table.RealWorldValueLUTData = [0.0, 1.0]
    with pytest.raises(FileRejectedError, match="by a table") as caught:
        _read(table)
    assert caught.value.code == "rescale-invalid"
    assert _read(table, _mapping())[0].slope == 0.002


@pytest.mark.parametrize("slope", [0.0, float("nan"), float("inf"), -1.0])
def test_real_world_values_that_are_no_numbers_are_refused(slope):
    with pytest.raises(FileRejectedError) as caught:
        _read(_mapping(slope))
    assert caught.value.code == "rescale-invalid"
