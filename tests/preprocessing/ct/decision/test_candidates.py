from dataclasses import replace

import pytest

from scanserve.contracts import StudyError
from scanserve.preprocessing import Finding
from tests.support.ct_candidates import candidates
from tests.support.ct_slices import series


def _only(slices):
    (candidate,) = candidates(slices)
    return candidate


def test_a_candidate_is_described():
    candidate = _only(series(6, kernel="Bv40", tags={"series_description": "CTA 70 %"}))
    found = candidate.phase.reconstruction
    assert (found.label, found.kind, found.kernel, found.description) == (
        "70 %",
        "angiography",
        "Bv40",
        "CTA 70 %",
    )
    assert (found.slices, found.files, found.step_mm, found.coverage_mm) == (6, 6, 0.5, pytest.approx(3.0))
    assert candidate.describe() == "series 3, 0.50 mm Bv40"


def test_the_greater_of_thickness_and_spacing_counts():
    assert _only(series(thickness=0.75)).slice_mm == 0.75
    assert _only(series(step=0.8)).slice_mm == 0.8


def test_what_blocks_the_stack_and_what_is_unfit_are_flaws():
    candidate = _only(series())
    assert candidate.flaws == ()
    holed = _only([image for index, image in enumerate(series(12)) if index != 5])
    assert [flaw.code for flaw in holed.flaws] == ["missing-slices"]
    unfit = candidate.with_unfit((Finding("no-contrast", "none."),), measured=True)
    assert ([flaw.code for flaw in unfit.flaws], unfit.measured) == (["no-contrast"], True)


def test_slices_that_nothing_tells_apart_block():
    candidate = _only([*series(12), *series(4, name="again")])
    assert [flaw.code for flaw in candidate.blocked] == ["duplicate-slices"]
    with pytest.raises(StudyError, match="nothing says which belong together") as caught:
        candidate.phase.check()
    assert caught.value.code == "duplicate-slices"


def test_the_mean_tube_current():
    slices = [
        replace(image, tube_current=current) for image, current in zip(series(2), (100, 300), strict=True)
    ]
    assert _only(slices).phase.tube_current_ma == 200
    assert _only(series()).phase.tube_current_ma is None
