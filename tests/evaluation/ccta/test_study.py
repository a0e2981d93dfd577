import numpy as np
import pytest

from scanserve.contracts import InputError
from scanserve.evaluation.ccta.study import evaluate_study
from scanserve.evaluation.ccta.truth import Truth

SPACING = 0.25


@pytest.fixture(scope="module")
def evaluated(made):
    """Evaluate the made-up truth against a made-up result."""

    def evaluated(result=None, /, percents=None, blur=None, **options):
        truth = Truth.model_validate(made.truth(percents or made.PERCENTS, blur or made.BLUR))
        return evaluate_study("s", truth, result or made.result(**options), SPACING)

    return evaluated


def test_perfect_result(evaluated, made):
    study = evaluated()
    assert study.percents == made.PERCENTS
    assert study.without_result == study.extra_phases == ()
    assert (study.overall.top1, study.overall.spearman) == (True, pytest.approx(1))
    for vessel in study.vessels:
        assert (vessel.ranking.top1, vessel.ranking.excess_blur_mm) == (True, 0)
        assert vessel.section_correlation == pytest.approx(1)
        for phase in vessel.phases:
            assert phase.miss is None
            assert phase.detected
            assert phase.centerline.ov == 1
            assert phase.tree.branch_recall == 1
            assert phase.tree.false_mm == 0
            assert phase.found_class == phase.true_class


def test_vessel_missed_in_a_phase(evaluated):
    study = evaluated(missing={("RCA", 70.0)})
    vessel = study.vessels[0]
    missed = vessel.phases[2]
    assert (missed.miss, missed.detected, missed.found_class) == ("vessel-not-seen", False, None)
    assert (missed.centerline.ov, missed.centerline.ai_mm) == (0, None)
    assert (missed.tree.branches_found, missed.tree.branches_counted) == (0, 1)
    assert np.isnan(missed.sections[:, 0]).all()
    assert vessel.ranking.top1 is False  # its best phase is the one that was missed
    assert vessel.ranking.excess_blur_mm == pytest.approx(2.0 - 0.3)


def test_study_without_a_result(made):
    study = evaluate_study("s", Truth.model_validate(made.truth()), None)
    assert {phase.miss for vessel in study.vessels for phase in vessel.phases} == {"no-result"}
    assert study.without_result == made.PERCENTS
    assert (study.overall.chosen, study.overall.top1) == (None, False)
    assert all(vessel.section_correlation is None for vessel in study.vessels)


def test_phase_without_a_result_and_one_without_a_truth(made, evaluated):
    study = evaluated(percents=(0.0, 40.0, 90.0))
    assert study.without_result == (90.0,)
    assert study.extra_phases == ("70 %",)
    assert study.vessels[0].phases[2].miss == "no-phase"


def test_reversed_order(evaluated, made):
    blur = dict(zip(made.PERCENTS, made.BLUR["RCA"], strict=True))
    study = evaluated(order={"RCA": sorted(blur, key=blur.get, reverse=True)})
    ranking = study.vessels[0].ranking
    assert (ranking.spearman, ranking.kendall) == (pytest.approx(-1), pytest.approx(-1))
    assert ranking.excess_blur_mm == pytest.approx(4.0 - 0.3)


def test_lines_aside_and_cut(evaluated):
    aside = evaluated(offset_mm=1.0).vessels[1].phases[0]
    assert aside.centerline.ov == 1
    assert aside.centerline.ai_mm == pytest.approx(1.0, abs=0.03)
    short = evaluated(length_mm=80.0, branch=False).vessels[1].phases[0]
    assert short.centerline.ov == pytest.approx((80 + 81.5) / 200, abs=0.005)
    assert short.tree.branch_recall == 0
    assert evaluated(length_mm=40.0, branch=False).vessels[1].phases[0].detected


def test_far_aside_is_not_detected_and_false(evaluated):
    phase = evaluated(offset_mm=10.0).vessels[0].phases[0]
    assert (phase.miss, phase.detected) == (None, False)
    assert phase.tree.false_share == pytest.approx(1)
    swapped = evaluated(offset_mm=60.0).vessels[0].phases[0]  # where the next vessel lies
    assert (swapped.tree.false_mm, swapped.tree.other_vessel_mm) == (0, pytest.approx(150))


def test_result_that_contradicts_itself(made, evaluated):
    result = made.result()
    phase = result.vessels[0].phases[0]
    for update in (
        {"tree": phase.tree.model_copy(update={"main_path": [0, 10_000]})},
        {"quality": phase.quality.model_copy(update={"quality_class": "superb"})},
    ):
        phases = [phase.model_copy(update=update), *result.vessels[0].phases[1:]]
        vessels = [result.vessels[0].model_copy(update={"phases": phases}), *result.vessels[1:]]
        with pytest.raises(InputError) as caught:
            evaluated(result.model_copy(update={"vessels": vessels}))
        assert caught.value.code == "not-a-result"
