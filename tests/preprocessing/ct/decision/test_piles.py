import numpy as np
import pytest

from scanserve.preprocessing.ct.decision.piles import Pile
from tests.support.ct_slices import ct_slice, series


def _pile(*heights) -> Pile:
    return Pile(tuple(ct_slice(z, f"{number}") for number, z in enumerate(heights)))


def test_places_are_numbered_along_the_normal():
    pile = _pile(1.0, 0.0, 1.001, 0.5)
    assert pile.places.tolist() == [2, 0, 2, 1]
    assert pile.counts.tolist() == [1, 1, 2]
    assert pile.depth == pytest.approx(4 / 3)
    assert pile.single() == 0.75


def test_most_places_say_how_many_layers():
    assert Pile(tuple(series(6) + series(6, name="b") + series(1, name="c"))).layers == 2
    assert Pile(tuple(series(6))).layers == 1


def test_groups_keep_the_order_and_leave_out_the_rest():
    pile = _pile(0, 1, 2)
    assert [[image.file for image in group] for group in pile.groups(np.array([1, -1, 0]))] == [["2"], ["0"]]


def test_a_stray_slice_does_not_stretch_the_extent():
    assert Pile((*series(101), ct_slice(400, "far"))).extent() == pytest.approx(49, abs=1)


def test_scores():
    pile = Pile(tuple(series(20) + series(20, name="b")))
    phases = np.repeat([0, 1], 20)
    assert pile.score(phases) == 1
    assert pile.score(np.zeros(40, int)) == 0.5
    slabs = np.tile(np.repeat([0, 1], 10), 2)
    assert pile.score(slabs) == 0
    incomplete = Pile(pile.slices[:30])
    assert incomplete.score(phases[:30]) == pytest.approx((20 + 5) / 30)


def test_groups_with_many_holes_cover_nothing():
    pile = Pile(tuple(series(20)))
    assert pile.all_cover(np.zeros(20, int))
    holed = np.ones(20, int)
    holed[[0, 1, 2, 3, 7, 8, 12, 13, 18, 19]] = 0
    assert not pile.all_cover(holed)


def test_interleaved_groups_are_regular_and_cover():
    pile = Pile(tuple(series(20)))
    assert pile.interleaved(np.tile([0, 1], 10))
    assert not pile.interleaved(np.repeat([0, 1], 10))
    assert not pile.interleaved(np.arange(20))
