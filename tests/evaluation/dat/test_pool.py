import pytest

from scanserve.evaluation.dat.pool import pool
from scanserve.evaluation.dat.study import UNPROCESSED, evaluate_study
from scanserve.evaluation.dat.truth import Truth

#: One study of every grade, by ratios of caudate and putamen, right and left.
RATIOS = ((4, 4, 4, 4), (4, 4, 4, 2), (4, 2, 4, 2), (1.5, 1.2, 1.5, 1.2))


@pytest.fixture(scope="module")
def studies(dat):
    made = []
    for grade, ratios in enumerate(RATIOS):
        true = dat.image(ratios)
        noisy = dat.image(ratios, noise=0.03, seed=grade)
        blind = dat.image((4, 4, 4, 4))
        found = dat.result(noisy, good=0.7 * true + 0.3 * noisy, blind=blind)
        truth = Truth.model_validate(dat.truth(reference=true, grade=grade))
        made.append(evaluate_study(str(grade), truth, found))
    return made


def test_figures_are_means_with_intervals_over_studies(studies):
    pooled = pool(studies)
    mean = sum(study.methods["good"].psnr for study in studies) / 4
    found = pooled.figures["good"]["psnr"]
    assert found.value == pytest.approx(mean)
    assert found.low <= mean <= found.high
    assert pooled.deviations["good"]["psnr"] > 0
    assert pooled.figures[UNPROCESSED]["psnr_gain_db"].value == 0
    assert pooled.figures["good"]["psnr_gain_db"].value > 8


def test_kappa_is_one_for_right_grades_and_nothing_for_one_and_the_same(studies):
    figures = pool(studies).figures
    assert figures["good"]["grade_kappa"].value == 1
    assert figures["blind"]["grade_kappa"].value == pytest.approx(0)


def test_moved_structures_are_counted_over_all_studies(studies):
    """Of 16 structures none moves in the good one; in the blind one 1 + 2 + 4 become hotter."""
    figures = pool(studies).figures
    assert figures["good"]["sbr_moved_share"].value == 0
    assert figures["blind"]["sbr_enhanced_share"].value == pytest.approx(7 / 16)
    assert figures["blind"]["sbr_smoothed_share"].value == 0


def test_tests_rank_methods_on_whole_studies(studies):
    test = pool(studies).tests["psnr"]
    assert test.methods == (UNPROCESSED, "good", "blind")
    assert test.friedman.subjects == 4
    z = {(pair.first, pair.second): pair.z for pair in test.pairs}
    assert z[0, 1] < 0


def test_studies_without_a_result_are_named_and_left_out(studies, dat):
    missing = evaluate_study("missing", Truth.model_validate(dat.truth()), None)
    pooled = pool([*studies, missing])
    assert (pooled.studies, pooled.without_result) == (5, ("missing",))
    assert pooled.figures["good"] == pool(studies).figures["good"]


def test_nothing_at_all_is_empty(dat):
    pooled = pool([evaluate_study("missing", Truth.model_validate(dat.truth()), None)])
    assert (dict(pooled.figures), dict(pooled.tests)) == ({}, {})


def test_one_study_has_no_interval_and_no_test(studies):
    pooled = pool(studies[:1])
    assert pooled.figures["good"]["psnr"].low is None
    assert pooled.deviations["good"]["psnr"] is None
    assert pooled.tests["psnr"].friedman is None
