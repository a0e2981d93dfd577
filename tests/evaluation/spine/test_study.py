import numpy as np
import pytest

from scanserve.contracts import InputError
from scanserve.evaluation.spine.readings import Readings
from scanserve.evaluation.spine.study import evaluate_study


def test_a_result_of_the_client_is_compared_point_by_point(spine):
    found = evaluate_study("a", spine.known(), (spine.result, None)).networks["spine_unet"]
    assert found.model.tolist() == pytest.approx([12], abs=0.5)
    assert found.shift == 0
    assert found.found.degrees == pytest.approx(found.true.degrees, abs=0.5)
    assert found.true.degrees == pytest.approx(30, abs=0.5)
    assert found.ends == 2
    assert not found.failed


def test_readings_replace_the_result_where_there_are_any(spine):
    points = spine.corners()
    readings = Readings(networks={"spine_hrnet": spine.corrected(points, 40.0, 3)})
    study = evaluate_study("a", spine.known(), (spine.result, readings))
    assert set(study.networks) == {"spine_hrnet"}
    found = study.networks["spine_hrnet"]
    assert found.model.tolist() == pytest.approx([40, 20 * 67 / 68, 10 * 66 / 68, 5 * 65 / 68])
    assert found.manual[:3].tolist() == pytest.approx([40, 40 * 67 / 68, 40 * 66 / 68])
    assert found.clicks == 1


def test_a_shift_by_a_level_is_seen_and_hardly_changes_the_angle(spine):
    points = spine.corners().reshape(17, 4, 2)
    moved = np.concatenate([points[1:], points[-1:] + (points[-1:] - points[-2:-1])]).reshape(-1, 2)
    readings = Readings(networks={"spine_unet": spine.reading(moved)})
    found = evaluate_study("a", spine.known(), (spine.result, readings)).networks["spine_unet"]
    assert found.shift == 1
    assert abs(found.found.degrees - found.true.degrees) < 3
    assert found.model[0] > 30


def test_points_outside_the_film_do_not_count(spine):
    outside = [True] * 8 + [False] * 60
    points = spine.corners()
    points[:8] += 500
    readings = Readings(networks={"spine_unet": spine.reading(points)})
    found = evaluate_study("a", spine.known(outside=outside), (spine.result, readings)).networks["spine_unet"]
    assert found.model[0] == 0
    assert found.shift == 0


def test_a_study_without_a_result_has_no_networks(spine):
    study = evaluate_study("a", spine.known(), None)
    assert not study.networks
    assert study.true_degrees == pytest.approx(30, abs=0.5)


def test_a_result_of_another_film_is_refused(spine):
    with pytest.raises(InputError) as caught:
        evaluate_study("a", spine.known(shape=(901, 400)), (spine.result, None))
    assert caught.value.code == "other-film"
