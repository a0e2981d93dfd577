from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")
from scanserve.contracts import InputError
from scanserve.geometry import Grid
from scanserve.training.ccta.datasets.pieces import skeletons_of

pytestmark = pytest.mark.torch

GRID = Grid((40, 100, 40), (-5.0, 7.0, 100.0), (1.0, 1.0, 1.0))


def tubes(*spans: tuple[int, int, int]) -> np.ndarray:
    """Tubes of 3 x 3 voxels along y: x, first and last y."""
    mask = np.zeros(GRID.shape, bool)
    for x, first, last in spans:
        mask[19:22, first : last + 1, x - 1 : x + 2] = True
    return mask


def spans_of(mask: np.ndarray) -> list[tuple[int, int, int]]:
    """x, first and last y of the trees found, in voxels."""
    found = []
    for tree in skeletons_of(mask, GRID).trees:
        z, y, x = GRID.to_index(tree.points).T
        assert set(np.rint(z)) == {20}
        found.append((round(float(x.mean())), round(float(y.min())), round(float(y.max()))))
    return found


def test_two_tubes_are_two_trees_the_larger_first() -> None:
    (far, *_), (near, *_) = spans_of(tubes((10, 5, 60), (30, 5, 90)))
    assert (far, near) == (30, 10)


def test_lengths_and_radii_are_those_of_the_tubes() -> None:
    skeletons = skeletons_of(tubes((10, 5, 60), (30, 5, 90)), GRID)
    large, small = skeletons.trees
    assert large.length_mm == pytest.approx(85, abs=3)
    assert small.length_mm == pytest.approx(55, abs=3)
    np.testing.assert_allclose(skeletons.radius(large), 2.0, atol=1.0)
    assert skeletons.left_mm == 0


def test_a_short_gap_is_bridged() -> None:
    (x, first, last), _ = spans_of(tubes((10, 5, 45), (10, 49, 90), (30, 5, 60)))
    assert (x, first < 8, last > 87) == (10, True, True)


def test_a_longer_gap_is_bridged_between_ends_that_face_each_other() -> None:
    (x, first, last), _ = spans_of(tubes((10, 5, 40), (10, 50, 90), (30, 5, 60)))
    assert (x, first < 8, last > 87) == (10, True, True)


def test_a_far_piece_belongs_to_no_tree() -> None:
    skeletons = skeletons_of(tubes((10, 5, 50), (10, 75, 95), (30, 5, 60)), GRID)
    assert skeletons.left_mm == pytest.approx(20, abs=3)


def test_the_two_trees_are_not_joined_at_ends_that_meet() -> None:
    """The ends of two arteries face each other at the apex, 6 mm apart."""
    trees = spans_of(tubes((20, 0, 46), (20, 53, 99)))
    assert sorted(last < 50 for _, _, last in trees) == [False, True]


def test_a_piece_near_one_of_two_trees_that_meet_goes_with_it() -> None:
    trees = spans_of(tubes((20, 0, 44), (20, 51, 85), (20, 89, 99)))
    assert max(last for *_, last in trees) > 96


@pytest.mark.parametrize(
    "mask",
    [tubes(), tubes((10, 5, 90)), tubes((10, 5, 90), (30, 5, 20))],
    ids=["none", "one", "one and a stub"],
)
def test_a_mask_without_two_trees_is_refused(mask: np.ndarray) -> None:
    with pytest.raises(InputError, match="must hold two trees") as caught:
        skeletons_of(mask, GRID)
    assert caught.value.code == "trees-missing"
