import pytest

from scanserve.evaluation.agreement import quadratic_kappa
from scanserve.evaluation.ccta.pool import ALL, OVERALL, pool
from scanserve.evaluation.ccta.study import evaluate_study
from scanserve.evaluation.ccta.truth import Truth

SPACING = 0.25


@pytest.fixture(scope="module")
def study(made):
    """One study with a result of the given options; or without one."""

    def study(result=True, /, heart=None, **options):
        truth = Truth.model_validate(made.truth() | {"heart": heart})
        return evaluate_study("s", truth, made.result(**options) if result else None, SPACING)

    return study


@pytest.fixture(scope="module")
def perfect(study):
    return study()


def test_single_perfect_study(perfect):
    pooled = pool([perfect])
    assert (pooled.studies, pooled.unit) == (1, "vessel")
    assert set(pooled.figures) == {ALL, "RCA", "LAD", "LCX", OVERALL}
    everything = {name: interval.value for name, interval in pooled.figures[ALL].items()}
    ones = {"detected", "ov", "of", "of_beyond_5mm", "ot", "branch_recall", "length_recall"}
    ones |= {"top1", "top2", "near", "spearman", "kendall"}
    ones |= {"class_kappa", "class_right", "section_correlation"}
    zeros = {"false_share", "false_mm", "other_vessel_mm", "excess_blur_mm"}
    assert everything == pytest.approx(
        dict.fromkeys(ones, 1) | dict.fromkeys(zeros, 0) | {"ai_mm": SPACING / 2}, abs=2e-3
    )
    assert pooled.figures[ALL]["ov"].low == pytest.approx(1)  # over three vessels
    assert pooled.figures["RCA"]["ov"].low is None  # one vessel of one study
    assert pooled.figures[OVERALL]["top1"].value == 1


def test_a_missing_study_counts_as_missed(perfect, study):
    pooled = pool([perfect, study(False)])
    figures, counts = pooled.figures[ALL], pooled.counts[ALL]
    assert pooled.unit == "study"
    for name in ("detected", "ov", "top1", "branch_recall", "class_right"):
        assert figures[name].value == pytest.approx(0.5)
        assert (figures[name].low, figures[name].high) == pytest.approx((0, 1))
    assert figures["ai_mm"].value == pytest.approx(SPACING / 2, abs=1e-3)  # of what has a distance
    assert figures["class_kappa"].value == pytest.approx(1)  # of what has a class
    assert (counts.vessels, counts.vessel_phases) == (6, 18)
    assert (counts.missed, counts.unscored, counts.unranked) == ({"no-result": 9}, 9, 3)
    assert pooled.figures[OVERALL]["top1"].value == pytest.approx(0.5)


def test_the_studies_of_one_heart_are_one_unit(study):
    missed, found = study(False, heart="ct-1"), study(heart="ct-1")
    one = pool([missed, found])
    assert (one.studies, one.hearts, one.unit) == (2, 1, "heart")
    assert one.figures[ALL]["ov"].value == pytest.approx(0.5)
    assert [one.figures[group]["ov"].low for group in (ALL, "RCA")] == [None, None]
    assert one.figures[OVERALL]["top1"].low is None
    two = pool([missed, found, study(False, heart="ct-2")])
    assert (two.studies, two.hearts, two.unit) == (3, 2, "heart")
    figure = two.figures[ALL]["ov"]
    assert (figure.low, figure.value, figure.high) == pytest.approx((0, 1 / 3, 1 / 2))
    assert pool([missed, study(heart="ct-2")]).unit == "study"


def test_groups_are_single_vessels(study):
    pooled = pool([study(missing={("LAD", 0.0), ("LAD", 40.0)}), study()])
    assert pooled.figures["LAD"]["detected"].value == pytest.approx(4 / 6)
    assert pooled.figures["RCA"]["detected"].value == 1
    assert pooled.figures[ALL]["detected"].value == pytest.approx(16 / 18)
    assert pooled.counts["LAD"].missed == {"vessel-not-seen": 2}


def test_kappa_is_that_of_all_pairs(made, study):
    """Every class one better than it is, where there is a better one."""
    better = {vessel: tuple(mm / 2 for mm in blur) for vessel, blur in made.BLUR.items()}
    seen = study(blur=better)
    table = [[0] * 4 for _ in range(4)]
    for vessel in seen.vessels:
        for phase in vessel.phases:
            table[phase.true_class][phase.found_class] += 1
    assert pool([seen]).figures[ALL]["class_kappa"].value == pytest.approx(float(quadratic_kappa(table)))
    assert pool([seen]).figures[ALL]["class_right"].value < 1
