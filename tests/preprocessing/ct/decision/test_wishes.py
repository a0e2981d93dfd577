import pytest

from scanserve.contracts import StudyError
from scanserve.preprocessing.ct.decision.series import parts_of
from scanserve.preprocessing.ct.decision.wishes import Wishes
from tests.support.ct_slices import series


@pytest.fixture
def parts():
    phases = series(6, name="a", series_number=5, series_uid="1.2.5", tags={"series_description": "CTA 70 %"})
    lung = series(6, name="b", series_number=55, series_uid="1.2.55", tags={"series_description": "Lung 70"})
    return parts_of([*phases, *lung])


def _wanted(parts, **wishes) -> list[int]:
    return [part.slices[0].series_number for part in parts if Wishes(**wishes).wants(part)]


def test_without_wishes_everything_is_wanted(parts):
    assert _wanted(parts) == [5, 55]


@pytest.mark.parametrize("name", ["5", " 5 ", "1.2.5", "cta", "CTA 70 %"])
def test_a_series_is_named_by_number_uid_or_a_part_of_its_description(parts, name):
    assert _wanted(parts, series=(name,)) == [5]
    assert _wanted(parts, without_series=(name,)) == [55]


def test_a_number_is_no_part_of_a_description(parts):
    assert _wanted(parts, series=("70",)) == []
    assert _wanted(parts, series=("70 %",)) == [5]


def test_names_add_up_and_exceptions_win(parts):
    assert _wanted(parts, series=("5", "55")) == [5, 55]
    assert _wanted(parts, series=("5", "55"), without_series=("lung",)) == [5]


def test_unknown_names_are_refused(parts):
    Wishes(series=("5",), without_series=("lung",)).check(parts)
    for wishes in (Wishes(series=("6",)), Wishes(without_series=("MIP",)), Wishes(series=("",))):
        with pytest.raises(StudyError, match="there are the series 5, 55") as caught:
            wishes.check(parts)
        assert caught.value.code == "unknown-series"
