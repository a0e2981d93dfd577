import numpy as np
import pytest

from scanserve.evaluation.spine.pool import pool
from scanserve.evaluation.spine.readings import Readings
from scanserve.evaluation.spine.study import evaluate_study

OFFSETS = (8.0, 16.0, 32.0, 64.0)


@pytest.fixture(scope="module")
def studies(spine):
    points = spine.corners()
    return [
        evaluate_study(
            str(number),
            spine.known(),
            (spine.result, Readings(networks={"spine_unet": spine.corrected(points, off, 10)})),
        )
        for number, off in enumerate(OFFSETS)
    ]


def test_errors_are_means_over_films_with_intervals(studies):
    figures = pool(studies).figures["spine_unet"]
    assert figures["mre_0_clicks_px"].value == pytest.approx(30)
    assert figures["mre_0_clicks_px"].low < 30 < figures["mre_0_clicks_px"].high
    assert figures["mre_1_clicks_px"].value == pytest.approx(15 * 67 / 68)
    assert figures["manual_mre_1_clicks_px"].value == pytest.approx(30 * 67 / 68)
    assert figures["model_gain_1_clicks_px"].value == pytest.approx(15 * 67 / 68)
    assert figures["mre_0_clicks_mm"].value == pytest.approx(15)


def test_one_click_of_the_model_is_worth_half_of_all_manual_ones(studies):
    """It halves every error; manual clicks take away 30 / 68 px each."""
    worth = pool(studies).figures["spine_unet"]["model_click_worth"]
    assert worth.value == pytest.approx(68 * (1 - 0.5 * 67 / 68), rel=1e-3)


def test_clicks_and_failures(studies):
    figures = pool(studies).figures["spine_unet"]
    assert figures["noc10_20px"].value == pytest.approx((0 + 0 + 1 + 2) / 4)
    assert figures["fr10_20px"].value == 0
    assert figures["level_shift_share"].value in (0, 0.25, 0.5)


def test_a_film_without_a_result_fails_with_ten_clicks_and_is_named(studies, spine):
    missing = evaluate_study("missing", spine.known(), None)
    pooled = pool([*studies, missing])
    figures = pooled.figures["spine_unet"]
    assert pooled.without_result == ("missing",)
    assert figures["noc10_20px"].value == pytest.approx(13 / 5)
    assert figures["fr10_20px"].value == pytest.approx(1 / 5)
    assert figures["mre_0_clicks_px"].value == pytest.approx(30)


def test_cobb_of_points_that_are_only_moved_is_exact(studies):
    figures = pool(studies).figures["spine_unet"]
    assert figures["cobb_mae_degrees"].value == pytest.approx(0, abs=1e-6)
    assert figures["cobb_smape_percent"].value == pytest.approx(0, abs=1e-6)
    assert figures["end_vertebrae_share"].value == 1


def test_smape_is_the_ratio_of_sums(spine):
    """An arc of 20 degrees instead of 30."""
    readings = Readings(networks={"spine_unet": spine.reading(spine.corners(20.0))})
    study = evaluate_study("a", spine.known(), (spine.result, readings))
    found, true = study.networks["spine_unet"].found.degrees, study.networks["spine_unet"].true.degrees
    figures = pool([study]).figures["spine_unet"]
    assert figures["cobb_smape_percent"].value == pytest.approx(100 * (true - found) / (true + found))
    assert figures["cobb_mae_degrees"].value == pytest.approx(10, abs=0.5)


def test_results_without_clicks_have_no_figures_of_clicks(spine):
    figures = pool([evaluate_study("a", spine.known(), (spine.result, None))]).figures["spine_unet"]
    assert "mre_1_clicks_px" not in figures
    assert figures["model_click_worth"].value is None
    assert np.isfinite(figures["mre_0_clicks_px"].value)
