import pytest

from scanserve.preprocessing.ct.decision.naming import phase_label
from tests.support.ct_candidates import candidates
from tests.support.ct_slices import ct_slice, series


def _by_label(slices) -> dict[str, list[str]]:
    """Files of each candidate by its label."""
    return {found.name.label: [image.file for image in found.group.slices] for found in candidates(slices)}


def test_labels():
    assert phase_label(70.0, 700.0) == "70 %"
    assert phase_label(37.5, None) == "37.5 %"
    assert phase_label(None, 350.0) == "350 ms"
    assert phase_label(None, None) == ""


def test_a_tagged_series_is_one_phase():
    (candidate,) = candidates(series(tags={"series_description": "70 %"}))
    assert (candidate.name.label, candidate.name.percent, candidate.name.trigger_ms) == ("70 %", 70, None)
    assert candidate.name.explanation == "70 % from SeriesDescription in 6 of 6 slices"
    assert candidate.name.identified
    assert candidate.name.findings == ()


def test_an_untagged_series_is_one_phase_that_says_so():
    (candidate,) = candidates(series())
    assert candidate.name.label == "series 3"
    assert candidate.name.explanation == "series 3 carries no cardiac phase tag in its 6 slices"
    assert not candidate.name.identified
    (nameless,) = candidates(series(series_number=None))
    assert nameless.name.label == "series without a number"


@pytest.mark.parametrize(("tagged", "label"), [(3, "70 %"), (2, "series 3")])
def test_half_of_the_slices_must_carry_a_tag(tagged, label):
    slices = [*series(tagged, name="t", tags={"nominal_percent": 70.0}), *series(6)[tagged:]]
    assert list(_by_label(slices)) == [label]


def test_slices_that_share_positions_are_split():
    early = series(3, name="e", tags={"nominal_percent": 30.0})
    late = series(3, name="l", tags={"nominal_percent": 70.0})
    assert _by_label([*late, *early]) == {"30 %": ["e0", "e1", "e2"], "70 %": ["l0", "l1", "l2"]}


def test_the_first_source_that_makes_positions_unique_splits():
    early = series(3, name="e", tags={"nominal_percent": 0.0, "trigger_ms": 300.0})
    late = series(3, name="l", tags={"nominal_percent": 0.0, "trigger_ms": 600.0})
    assert list(_by_label([*early, *late])) == ["300 ms", "600 ms"]


def test_sources_that_only_tell_phases_apart_do_not_name_them():
    slices = [*series(3, name="a", tags={"acquisition": 1}), *series(3, name="b", tags={"acquisition": 2})]
    found = candidates(slices)
    assert [candidate.name.label for candidate in found] == [
        "series 3, AcquisitionNumber 1",
        "series 3, AcquisitionNumber 2",
    ]
    assert not any(candidate.name.identified for candidate in found)
    assert found[0].name.explanation == (
        "no phase tag: told apart by series 3, AcquisitionNumber 1 in 3 of 6 slices of series 3"
    )


def test_slices_without_the_tag_that_splits_are_accounted_for_once():
    slices = [
        *series(3, name="e", tags={"trigger_ms": 300.0}),
        *series(3, name="l", tags={"trigger_ms": 600.0}),
        ct_slice(9.0, "x"),
    ]
    found = candidates(slices)
    assert [[image.file for image in candidate.group.untagged] for candidate in found] == [["x"], []]


def test_a_tag_that_varies_is_named_by_its_median():
    slices = [ct_slice(index * 0.5, tags={"trigger_ms": 600.0 + index}) for index in range(6)]
    (candidate,) = candidates(slices)
    assert candidate.name.trigger_ms == 602.5
    assert candidate.name.explanation.endswith("in 6 of 6 slices (median of 600 to 605)")
    assert candidate.name.findings == ()


def test_percentages_far_apart_are_said():
    slices = [ct_slice(index * 0.5, tags={"nominal_percent": 70.0 + 2 * index}) for index in range(6)]
    (candidate,) = candidates(slices)
    (finding,) = candidate.name.findings
    assert finding.code == "phase-varies"
    assert finding.message.endswith("which runs from 70 % to 80 %.")
