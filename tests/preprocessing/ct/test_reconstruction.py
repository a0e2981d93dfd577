from dataclasses import replace

import pytest

from scanserve.preprocessing import Finding
from tests.support.ct_candidates import candidates
from tests.support.ct_slices import series


@pytest.fixture
def found():
    (candidate,) = candidates(series(6, tags={"series_description": "CTA 70 %"}))
    return candidate.phase.reconstruction


def test_what_it_is_called(found):
    assert found.series == "series 3"
    assert found.what == "series 3 (angiography, 6 slices)"
    assert replace(found, phase_lost=True).what == "phase 70 % (series 3)"
    assert replace(found, phase_lost=True, label="series 3").what == "phase series 3"
    assert replace(found, series_number=None).series == "series without a number"


@pytest.mark.parametrize(
    ("code", "loadable"), [("tilted", False), ("duplicate-slices", False), ("no-contrast", True)]
)
def test_reasons_that_keep_it_from_being_loaded(found, code, loadable):
    assert replace(found, reasons=(Finding(code, "that."),)).loadable is loadable
