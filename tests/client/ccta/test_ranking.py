import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanserve.client.ccta.ranking import (
    EXPECTED_REST,
    MISSING_PENALTY,
    NEAR_TIE,
    ONE_SIDED,
    TRAVEL_WEIGHT,
    PhaseScore,
    rank_overall,
    rank_vessel,
)
from scanserve.client.ccta.travel import Travel

unit = st.floats(0, 1, allow_nan=False)
logits = st.floats(-20, 20, allow_nan=False)


def scores(**quality):
    return [PhaseScore(phase, value, 4 * value) for phase, value in quality.items()]


def test_two_phases_are_one_standard_deviation_from_their_mean():
    ranking = rank_vessel(scores(a=0.2, b=0.8))
    assert [(place.phase, place.position) for place in ranking.places] == [("b", 1), ("a", 2)]
    assert [place.score for place in ranking.places] == pytest.approx([1.0, -1.0])
    assert (ranking.best, ranking.runner_up, ranking.confidence) == ("b", "a", "clear")


def test_noise_among_equal_phases_is_not_blown_up():
    ranking = rank_vessel([PhaseScore("a", 0.500, 0.0), PhaseScore("b", 0.501, 0.001)])
    assert ranking.places[0].score < 0.02
    assert (ranking.near_ties, ranking.confidence) == (("a",), "near-tie")
    assert "nearly tied with a" in ranking.explanation


def test_equal_phases_share_a_position_in_the_order_of_the_study():
    ranking = rank_vessel(scores(a=0.5, b=0.5, c=0.1))
    assert [(place.phase, place.position) for place in ranking.places] == [("a", 1), ("b", 1), ("c", 3)]
    assert ranking.confidence == "tie"
    assert "a is tied with b" in ranking.explanation


def test_one_phase_is_ranked_and_said_so():
    ranking = rank_vessel(scores(a=0.4))
    assert (ranking.best, ranking.places[0].score, ranking.runner_up) == ("a", 0.0, None)
    assert "only phase" in ranking.explanation
    assert ranking.confidence == "only-phase"


def test_missing_phase_is_last_with_its_reason():
    ranking = rank_vessel([PhaseScore("a", reason="no RCA"), *scores(b=0.2, c=0.8)])
    last = ranking.places[-1]
    assert (last.phase, last.position, last.score, last.note) == ("a", 3, None, "no RCA")
    assert "a." in ranking.explanation


def test_nothing_scored():
    ranking = rank_vessel([PhaseScore("a", reason="x"), PhaseScore("b")])
    assert (ranking.best, ranking.confidence) == (None, "not-scored")
    assert [place.note for place in ranking.places] == ["x", "not scored"]


def test_both_heads_count_the_same():
    ranking = rank_vessel([PhaseScore("a", 0.8, -1.0), PhaseScore("b", 0.2, 1.0)])
    assert ranking.confidence == "tie"


def test_overall_is_the_mean_over_vessels():
    vessels = {"RCA": rank_vessel(scores(a=0.2, b=0.8)), "LAD": rank_vessel(scores(a=0.2, b=0.8))}
    ranking = rank_overall(vessels, ["a", "b"])
    assert ranking.places[0].score == pytest.approx(1.0)
    vessels["LCX"] = rank_vessel(scores(a=0.8, b=0.2))
    assert rank_overall(vessels, ["a", "b"]).places[0].score == pytest.approx(1 / 3)


def test_vessel_missing_in_one_phase_counts_below_its_worst():
    vessels = {
        "RCA": rank_vessel([PhaseScore("a", reason="x"), *scores(b=0.2, c=0.8)]),
        "LAD": rank_vessel(scores(a=0.5, b=0.5, c=0.5)),
    }
    ranking = rank_overall(vessels, ["a", "b", "c"])
    assert ranking.places[-1].phase == "a"
    assert ranking.places[-1].score == pytest.approx((-1 - MISSING_PENALTY + 0) / 2)
    assert ranking.places[-1].note == "RCA not found in this phase"


def test_vessel_never_found_counts_nowhere():
    never = rank_vessel([PhaseScore("a"), PhaseScore("b")])
    with_it = rank_overall({"RCA": rank_vessel(scores(a=0.2, b=0.8)), "LCX": never}, ["a", "b"])
    assert with_it == rank_overall({"RCA": rank_vessel(scores(a=0.2, b=0.8))}, ["a", "b"])
    assert rank_overall({"LCX": never}, ["a", "b"]).best is None


@given(st.lists(st.tuples(unit, logits), min_size=1, max_size=12))
def test_every_phase_once_and_in_order(values):
    phases = [PhaseScore(str(index), *value) for index, value in enumerate(values)]
    ranking = rank_vessel(phases)
    assert sorted(place.phase for place in ranking.places) == sorted(place.phase for place in phases)
    points = [place.score for place in ranking.places]
    assert points == sorted(points, reverse=True)
    assert math.isclose(sum(points), 0, abs_tol=1e-6)
    for phase in ranking.near_ties:
        score = next(place.score for place in ranking.places if place.phase == phase)
        assert points[0] - score < NEAR_TIE


@given(st.lists(unit, min_size=2, max_size=8), st.floats(0.1, 10), st.floats(-5, 5))
def test_scale_and_offset_of_the_ranking_score_do_not_matter(values, scale, offset):
    wide = [10 * value for value in values]
    plain = rank_vessel([PhaseScore(str(i), 0.5, value) for i, value in enumerate(wide)])
    if max(wide) - min(wide) < 10:  # above the floor for every scale drawn
        return
    scaled = rank_vessel([PhaseScore(str(i), 0.5, scale * v + offset) for i, v in enumerate(wide)])
    assert [r.score for r in plain.places] == pytest.approx([r.score for r in scaled.places], abs=1e-6)


def test_neighbours_in_the_beat_lift_a_phase_among_good_ones() -> None:
    """A lone peak among bad phases is less likely to be real than the middle of a quiet stretch."""
    quality = {0: 0.1, 10: 0.9, 20: 0.1, 60: 0.7, 70: 0.85, 80: 0.7}
    alone = [PhaseScore(f"{p} %", q, 4 * q) for p, q in quality.items()]
    placed = [PhaseScore(f"{p} %", q, 4 * q, percent=p) for p, q in quality.items()]
    assert rank_vessel(alone).best == "10 %"
    assert rank_vessel(placed).best == "70 %"


def test_the_beat_has_no_end() -> None:
    placed = [PhaseScore(str(p), q, q, percent=p) for p, q in ((5.0, 0.5), (50.0, 0.6), (95.0, 0.8))]
    turned = [
        PhaseScore(str(p), q, q, percent=(p + 25) % 100) for p, q in ((5.0, 0.5), (50.0, 0.6), (95.0, 0.8))
    ]
    first, second = rank_vessel(placed), rank_vessel(turned)
    assert [r.phase for r in first.places] == [r.phase for r in second.places]
    assert [r.score for r in first.places] == pytest.approx([r.score for r in second.places])


def test_phases_far_apart_keep_their_own_values() -> None:
    placed = [PhaseScore(str(p), q, q, percent=p) for p, q in ((0.0, 0.2), (50.0, 0.9), (75.0, 0.4))]
    alone = [PhaseScore(score.phase, score.quality, score.ranking) for score in placed]
    found, own = rank_vessel(placed), rank_vessel(alone)
    assert [r.score for r in found.places] == pytest.approx([r.score for r in own.places], abs=0.01)


def test_of_phases_that_look_alike_the_one_at_rest_is_best() -> None:
    phases = [PhaseScore(p, 0.8, 1.0, travel=Travel(mm)) for p, mm in (("a", 0.9), ("b", 0.3), ("c", 2.5))]
    assert [r.phase for r in rank_vessel(phases).places] == ["b", "a", "c"]


def test_rest_outweighs_a_little_difference_in_looks_and_not_a_large_one() -> None:
    def best(quality: float) -> str | None:
        seen = (("a", quality, 0.6), ("b", 0.80, 0.5), ("c", 0.2, 3.0), ("d", 0.1, 4.0))
        return rank_vessel([PhaseScore(p, q, 4 * q, travel=Travel(mm)) for p, q, mm in seen]).best

    assert best(0.82) == "b"
    assert best(1.0) == "a"


def test_phases_of_unknown_travel_are_ranked_by_their_looks() -> None:
    quality = (("a", 0.2), ("b", 0.5), ("c", 0.9))
    known = [PhaseScore(p, q, 4 * q, travel=None) for p, q in quality]
    partly = [PhaseScore(p, q, 4 * q, travel=Travel(0.5) if p == "b" else None) for p, q in quality]
    assert rank_vessel(known).places == rank_vessel(scores(a=0.2, b=0.5, c=0.9)).places
    assert [r.phase for r in rank_vessel(partly).places] == ["c", "b", "a"]


def test_a_phase_without_a_neighbour_is_expected_to_rest_as_it_looks() -> None:
    """So it neither wins nor loses more often than its looks deserve: what was seen counts in part."""
    quality = (("a", 0.2), ("b", 0.4), ("c", 0.6), ("d", 0.8))
    alone = [PhaseScore(p, q, 4 * q, travel=None if p == "d" else Travel(1.0)) for p, q in quality]
    seen = {p.phase: p.score for p in rank_vessel(scores(a=0.2, b=0.4, c=0.6, d=0.8)).places}
    found = {p.phase: p.score for p in rank_vessel(alone).places}
    assert found["d"] == pytest.approx((TRAVEL_WEIGHT * EXPECTED_REST + 1 - TRAVEL_WEIGHT) * seen["d"])
    assert found["a"] == pytest.approx((1 - TRAVEL_WEIGHT) * seen["a"])


@pytest.mark.parametrize(("apart", "factor"), [(10, ONE_SIDED), (5, ONE_SIDED**0.5), (20, ONE_SIDED**2)])
def test_rest_that_is_known_from_one_side_counts_less(apart: float, factor: float) -> None:
    """At the end of a scan of 30 to 80 %, only the quieter neighbour of the first phase is there."""

    def ranked(other: float) -> list[str]:
        travels = {"30 %": Travel(1.0, apart), "40 %": Travel(other), "50 %": Travel(9.0)}
        scores = [PhaseScore(phase, 0.8, 1.0, travel=moved) for phase, moved in travels.items()]
        return [place.phase for place in rank_vessel(scores).places]

    assert ranked(0.95 * factor) == ["40 %", "30 %", "50 %"]
    assert ranked(1.05 * factor) == ["30 %", "40 %", "50 %"]


def test_travel_from_one_side_is_noted() -> None:
    travels = {"a": Travel(1.0), "b": Travel(1.0, one_sided=10)}
    ranking = rank_vessel([PhaseScore(phase, 0.5, 1.0, travel=moved) for phase, moved in travels.items()])
    assert {place.phase: place.note for place in ranking.places} == {
        "a": "",
        "b": "travel known from one side",
    }
