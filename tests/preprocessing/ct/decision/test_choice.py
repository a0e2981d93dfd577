from scanserve.preprocessing.ct.decision.candidates import Candidate
from scanserve.preprocessing.ct.decision.choice import choose
from scanserve.preprocessing.ct.decision.explain import explained, reject_files
from scanserve.preprocessing.dicom import Rejects
from tests.support.ct_candidates import candidates
from tests.support.ct_slices import series

OBLIQUE = (1.0, 0.0, 0.0, 0.0, 0.8, 0.6)


def _phase(
    name: str, count: int = 6, step: float = 0.5, percent: float | None = 70.0, **settings
) -> Candidate:
    """The one candidate of a series in files ``name0``, ``name1`` ..."""
    slices = series(count, step, name, tags={"nominal_percent": percent}, **settings)
    (phase,) = candidates(slices)
    return phase


def _select(*phases: Candidate) -> tuple[list[str], dict[str, int]]:
    """First letters of the files that are kept, and numbers of files by reason for the others."""
    rejects, choice = Rejects(), choose(phases)
    reject_files(choice, rejects)
    kept = [chosen.best.first.file[0] for chosen in choice.phases]
    return kept, {group.code: group.files for group in rejects.groups()}


def test_phases_of_their_own_are_all_kept():
    assert _select(_phase("a", percent=30.0), _phase("b"), _phase("c", percent=75.0)) == (["a", "b", "c"], {})


def test_previews_are_left_out_beside_a_whole_stack():
    assert _select(_phase("a", 40), _phase("b", 9, percent=30.0)) == (["a"], {"preview": 9})
    assert _select(_phase("a", 39), _phase("b", 9, percent=30.0)) == (["a", "b"], {})
    assert _select(_phase("a", 40), _phase("b", 10, percent=30.0)) == (["a", "b"], {})


def test_oblique_stacks_are_left_out_beside_aligned_ones():
    oblique = _phase("o", percent=30.0, orientation=OBLIQUE)
    assert _select(_phase("a"), oblique) == (["a"], {"oblique": 6})
    assert _select(oblique) == (["o"], {})


def test_untagged_stacks_are_left_out_beside_tagged_ones():
    untagged, another = _phase("u", percent=None), _phase("v", percent=None)
    assert _select(_phase("a"), untagged) == (["a"], {"no-phase-tag": 6})
    assert _select(untagged, another) == (["u", "v"], {})


def test_the_thinnest_reconstruction_is_kept():
    assert _select(_phase("a", 3, 1.0), _phase("b")) == (["b"], {"other-reconstruction": 3})
    assert _select(_phase("a", thickness=1.0), _phase("b")) == (["b"], {"other-reconstruction": 6})


def test_a_reconstruction_of_less_than_the_whole_is_passed_over():
    assert _select(_phase("a", 10, 1.0), _phase("b", 17)) == (["a"], {"other-reconstruction": 17})
    assert _select(_phase("a", 10, 1.0), _phase("b", 18)) == (["b"], {"other-reconstruction": 10})


def test_among_equals_the_smoothest_kernel_then_the_lowest_number():
    sharp, smooth = _phase("a", kernel="B46f"), _phase("b", kernel="B26f", series_number=7)
    assert _select(sharp, smooth) == (["b"], {"other-reconstruction": 6})
    assert _select(smooth, _phase("c", kernel="B26f", series_number=6)) == (
        ["c"],
        {"other-reconstruction": 6},
    )


def test_a_stack_that_cannot_be_loaded_comes_last():
    holed = series(12, 0.25, "a", tags={"nominal_percent": 70.0})
    del holed[5]
    (broken,) = candidates(holed)
    assert _select(broken, _phase("b")) == (["b"], {"other-reconstruction": 11})


def test_the_choice_is_explained():
    (kept,) = choose([_phase("a", kernel="B46f"), _phase("b", series_number=None)]).phases
    assert explained(kept) == (
        "70 % from NominalPercentageOfCardiacPhase in 6 of 6 slices; "
        "series ?, 0.50 mm B26f chosen over series 3, 0.50 mm B46f"
    )


def test_coverage_is_slices_times_step():
    assert _phase("a", 6, 0.5).coverage_mm == 3
