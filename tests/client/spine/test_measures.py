import numpy as np
import pytest

from scanserve.client.spine.measures import curves_of, largest_degrees
from tests.support import spine_samples


def test_an_arc_is_one_curve_with_both_its_edges():
    corners = spine_samples.corners(30.0)
    (curve,) = curves_of(corners, (0.2, 0.2), "patient's left")
    assert (curve.upper, curve.lower, curve.side, curve.patient_side) == ("T1", "L5", "right", "left")
    assert curve.degrees == pytest.approx(30, abs=0.01)
    np.testing.assert_allclose(curve.upper_edge, corners[:2], atol=0.01)
    np.testing.assert_allclose(curve.lower_edge, corners[-2:], atol=0.01)


@pytest.mark.parametrize(
    ("sides", "side"), [("patient's left", "left"), ("patient's right", "right"), ("unknown", None)]
)
def test_the_patient_s_side_is_that_of_the_header(sides, side):
    (curve,) = curves_of(spine_samples.corners(), (1, 1), sides)
    assert curve.patient_side == side


def test_a_straight_spine_has_no_curve_but_an_angle():
    corners = spine_samples.corners(6.0)
    assert curves_of(corners, (1, 1), "unknown") == []
    assert largest_degrees(corners, (1, 1)) == pytest.approx(6, abs=0.01)
