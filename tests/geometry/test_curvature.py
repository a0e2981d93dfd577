"""Closed-form Cobb angles on drawn arcs, and what must not change them."""

import numpy as np
import pytest

from scanserve.contracts import InputError
from scanserve.geometry.curvature import Curve, edge_tilts, find_curves, main_curve, measure_curve

COUNT, WIDTH, HEIGHT = 17, 40.0, 20.0


def stack(turns, width=WIDTH, height=HEIGHT):
    """Rectangles one below the other, the k-th tilted by ``turns[k]`` degrees (positive: right end lower)."""
    angles = np.radians(np.asarray(turns, float))
    right = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    down = np.stack([-np.sin(angles), np.cos(angles)], axis=1)
    centres = np.cumsum(1.4 * height * down, axis=0)
    signs = [(-1, -1), (1, -1), (-1, 1), (1, 1)]
    return np.stack([centres + x * width / 2 * right + y * height / 2 * down for x, y in signs], axis=1)


def arc(degrees, count=COUNT):
    """A circular arc: tilts from minus to plus half of ``degrees``, so that it bulges to the right."""
    return stack(np.linspace(-degrees / 2, degrees / 2, count))


def turned(corners, degrees):
    angle = np.radians(degrees)
    return corners @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def mirrored(corners, width=1000.0):
    """The image as in a mirror: left corners become right ones."""
    flipped = corners[:, [1, 0, 3, 2]].copy()
    flipped[..., 0] = width - flipped[..., 0]
    return flipped


S_CURVE = stack(np.concatenate([np.linspace(-20, 15, 9), np.linspace(15, -10, 9)[1:]]))


@pytest.mark.parametrize("degrees", [10.0, 25.0, 60.0, 90.0])
def test_an_arc_has_the_angle_that_it_turns_by(degrees):
    (curve,) = find_curves(arc(degrees))
    assert curve.degrees == pytest.approx(degrees)
    assert (curve.upper, curve.apex, curve.lower, curve.side) == (0, COUNT // 2, COUNT - 1, "right")


def test_a_straight_spine_and_one_below_ten_degrees_have_no_curve():
    assert find_curves(arc(0)) == ()
    assert find_curves(arc(9.9)) == ()
    assert main_curve(arc(9.9)).degrees == pytest.approx(9.9)


def test_an_s_has_two_curves_that_share_an_end():
    first, second = find_curves(S_CURVE)
    assert (first.degrees, second.degrees) == (pytest.approx(35), pytest.approx(25))
    assert (first.upper, first.lower, second.upper, second.lower) == (0, 8, 8, 16)
    assert (first.side, second.side) == ("right", "left")


def test_a_triple_curve_is_found():
    turns = np.concatenate([np.linspace(-10, 15, 6), np.linspace(15, -20, 7)[1:], np.linspace(-20, 5, 6)[1:]])
    curves = find_curves(stack(turns))
    assert [curve.side for curve in curves] == ["right", "left", "right"]
    np.testing.assert_allclose([curve.degrees for curve in curves], [25, 35, 25])


def test_straight_parts_beyond_a_curve_belong_to_no_curve():
    turns = np.concatenate([np.full(4, -15.0), np.linspace(-15, 15, 9), np.full(4, 15.0)])
    (curve,) = find_curves(stack(turns))
    assert curve.degrees == pytest.approx(30)
    assert curve.upper <= 4
    assert curve.lower >= 12


def test_a_wobble_below_ten_degrees_does_not_divide_a_curve():
    turns = np.linspace(-30, 30, COUNT)
    turns[8:10] -= [0.0, 9.0]
    assert len(find_curves(stack(turns))) == 1


def test_a_wedged_vertebra_adds_its_wedge():
    corners = arc(20)
    corners[-1, 3] = corners[-1, 2] + turned(corners[-1, 3] - corners[-1, 2], 5)
    assert find_curves(corners)[0].degrees == pytest.approx(25)


@pytest.mark.parametrize("corners", [arc(40), S_CURVE], ids=["arc", "s"])
@pytest.mark.parametrize("degrees", [-30, 12, 45, 180])
def test_turning_the_image_changes_nothing(corners, degrees):
    before, after = find_curves(corners), find_curves(turned(corners, degrees))
    assert [_parts(curve) for curve in before] == [_parts(curve) for curve in after]
    np.testing.assert_allclose([curve.degrees for curve in before], [curve.degrees for curve in after])


@pytest.mark.parametrize("pixel", [(0.5, 0.5), (0.2, 0.1), (1.0, 3.0)])
def test_pixels_that_are_not_square_change_nothing(pixel):
    sampled = S_CURVE / (pixel[1], pixel[0])
    before, after = find_curves(S_CURVE), find_curves(sampled, pixel)
    assert [_parts(curve) for curve in before] == [_parts(curve) for curve in after]
    np.testing.assert_allclose([curve.degrees for curve in before], [curve.degrees for curve in after])


def test_squeezed_pixels_taken_for_square_ones_give_another_angle():
    assert abs(find_curves(arc(40) * (1.0, 0.5))[0].degrees - 40) > 5


def test_a_mirror_swaps_sides_and_nothing_else():
    swapped = {"left": "right", "right": "left"}
    before, after = find_curves(S_CURVE), find_curves(mirrored(S_CURVE))
    assert [swapped[curve.side] for curve in before] == [curve.side for curve in after]
    assert [_parts(curve)[:3] for curve in before] == [_parts(curve)[:3] for curve in after]


def test_the_size_of_the_image_changes_nothing():
    before, after = find_curves(S_CURVE), find_curves(3 * S_CURVE + (100, 50))
    assert [_parts(curve) for curve in before] == [_parts(curve) for curve in after]


def test_tilts_are_those_of_the_edges():
    np.testing.assert_allclose(edge_tilts(arc(40))[:, 0], np.linspace(-20, 20, COUNT), atol=1e-9)


def test_given_ends_are_kept():
    curve = measure_curve(arc(40), 4, 12)
    assert curve == Curve(4, 12, 8, "right", pytest.approx(20))


@pytest.mark.parametrize("ends", [(3, 3), (5, 2), (-1, 4), (0, COUNT)])
def test_ends_out_of_order_are_refused(ends):
    with pytest.raises(InputError) as refused:
        measure_curve(arc(40), *ends)
    assert refused.value.code == "curve-ends"


@pytest.mark.parametrize(
    "corners", [np.zeros((5, 4)), np.zeros((5, 3, 2)), np.full((5, 4, 2), np.nan), np.zeros((2, 4, 2))]
)
def test_arrays_of_another_shape_are_refused(corners):
    with pytest.raises(InputError) as refused:
        find_curves(corners)
    assert refused.value.code == "corners-shape"


def _parts(curve):
    return curve.upper, curve.apex, curve.lower, curve.side
