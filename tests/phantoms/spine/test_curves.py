import numpy as np

from scanserve.phantoms.spine.curves import in_order, sample_tilts
from scanserve.phantoms.spine.film import training_film


def angles(count=300, greatest=90):
    tilts = np.array([sample_tilts(np.random.default_rng(seed), greatest) for seed in range(count)])
    return tilts, np.ptp(tilts, axis=1)


def test_curves_reach_from_small_to_severe_and_the_middle_is_that_of_patients():
    _, spread = angles()
    assert spread.min() < 12
    assert 60 < spread.max() < 100
    assert 25 < np.median(spread) < 50  # published films: 37


def test_most_thoracic_curves_point_to_the_right_of_the_patient():
    """In the image the tilt first grows, and then falls below the apex: the curve bulges to the left."""
    tilts, spread = angles()
    curved = tilts[spread > 30]
    assert (curved[:, 3:8].mean(axis=1) > 0).mean() > 0.6


def test_without_a_curve_only_a_wobble_is_left():
    tilts = np.array([sample_tilts(np.random.default_rng(seed), 0) for seed in range(50)])
    assert np.abs(tilts).max() < 10


def test_ends_keep_their_order_and_a_distance():
    found = in_order(np.array([1.0, 6.0, 5.5, 15.0]))
    assert found.tolist() == [1, 6, 7, 15]
    assert in_order(np.array([4.0, 10.0])).tolist() == [4, 10]


def test_a_patient_whose_ends_are_drawn_past_each_other_has_a_film():
    assert np.isfinite(training_film(508_440).points).all()
