from dataclasses import replace

from scanserve.preprocessing.ct.rescale import Rescale
from scanserve.preprocessing.ct.units import NAMED, unit_findings
from tests.support.ct_slices import series

UNKNOWN = float("nan")


def _said(slices) -> dict[str, str]:
    return {finding.code: finding.message for finding in unit_findings(slices)}


def test_of_slices_in_one_way_nothing_is_said():
    assert _said(series()) == {}


def test_slices_without_a_rescale_are_named():
    slices = series(20)
    for number in (3, 13):
        missing = ("RescaleSlope", "RescaleIntercept")
        slices[number] = replace(slices[number], rescale=Rescale(UNKNOWN, UNKNOWN, missing=missing))
    message = _said(slices)["rescale-missing"]
    assert message.startswith("2 of 20 slices do not state RescaleSlope and RescaleIntercept")
    assert "'s3'" in message
    assert "'s13'" in message


def test_no_more_than_a_few_are_named():
    slices = series(20, rescale=Rescale(1, UNKNOWN, missing=("RescaleIntercept",)))
    message = _said(slices)["rescale-missing"]
    assert message.count("'s") == NAMED
    assert "and 15 more" in message


def test_values_that_are_no_numbers_are_shown():
    slices = series(3)
    slices[1] = replace(slices[1], rescale=Rescale(1, UNKNOWN, invalid=("RescaleIntercept 'abc'",)))
    message = _said(slices)["rescale-invalid"]
    assert "1 of 3 slices state RescaleIntercept 'abc'" in message
    assert "'s1'" in message


def test_several_ways_are_said():
    slices = series(3)
    slices[1] = replace(slices[1], rescale=Rescale(1, 0))
    assert "2 ways" in _said(slices)["rescale-varies"]


def test_an_unspecified_unit_is_said():
    assert "2 of 2 slices" in _said(series(2, rescale=Rescale(1, 0, unit="US")))["rescale-type-unspecified"]


def test_padding_that_could_be_tissue_is_said():
    message = _said(series(2, rescale=Rescale(1, 0), padding=(0, 0)))["padding-doubtful"]
    assert "the padding value 0, which is 0 HU" in message
    assert _said(series(2, padding=(-2000, -2000))) == {}


def test_other_units_are_named_where_the_standard_does():
    assert "hold values in MGML, not" in _said(series(2, rescale=Rescale(1, 0, unit="MGML")))["not-hu"]
    message = _said(series(2, rescale=Rescale(1, 0, unit="DOE^JOHN")))["not-hu"]
    assert message.startswith("2 of 2 slices hold values in another unit")
