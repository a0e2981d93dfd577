"""A straight vessel along x that leaves the aorta at x = 14 mm, lit only from some distance on."""

from dataclasses import replace

import numpy as np
import pytest

from scanserve.client.ccta.options import CORONARY
from scanserve.client.ccta.ostium import extend_to_ostium
from scanserve.client.ccta.vessel import with_radii
from scanserve.geometry.tree import SideBranch, VesselTree
from scanserve.preprocessing import Volume

WALL_MM, RADIUS_MM, MIDDLE = 14.0, 1.6, 20.0
FINE, SLICED = (0.5, 0.5, 0.5), (0.45, 0.45, 0.9)


def scene(spacing=FINE, *, aorta=True, chamber=None):
    """Fat; a vessel along x; the aorta before WALL_MM; a chamber of 8 mm radius around a place."""
    shape = tuple(int(40 / s) + 1 for s in reversed(spacing))
    points = np.moveaxis(np.indices(shape), 0, -1)[..., ::-1] * spacing
    far = np.linalg.norm(points[..., 1:] - MIDDLE, axis=-1) - RADIUS_MM
    far = np.where(points[..., 0] < WALL_MM, np.maximum(far, WALL_MM - points[..., 0]), far)
    if aorta:
        far = np.minimum(far, points[..., 0] - WALL_MM)
    if chamber is not None:
        far = np.minimum(far, np.linalg.norm(points - chamber, axis=-1) - 8.0)
    hu = -100 + 500 * np.clip(0.5 - far / 0.6, 0, 1)
    return Volume.at(np.rint(hu).astype(np.int16), np.zeros(3), np.array(spacing))


def tree(volume, start=24.0):
    """The vessel from x = ``start`` on, with a side branch of three points."""
    x = np.arange(start, 39.0, 0.5)
    main = np.stack([x, np.full_like(x, MIDDLE), np.full_like(x, MIDDLE)], axis=1)
    side = main[10] + np.array([[0.3, 0.5, 0], [0.6, 1.0, 0], [0.9, 1.5, 0]])
    count = len(main)
    parent = np.concatenate([np.arange(-1, count - 1), [10, count, count + 1]])
    points = np.concatenate([main, side])
    bare = VesselTree(
        points,
        np.full(len(points), np.nan),
        parent,
        np.arange(count),
        (SideBranch(np.arange(count, count + 3), -1, 10),),
    )
    return with_radii(bare, volume, CORONARY.radius)


@pytest.mark.parametrize("spacing", [FINE, SLICED])
@pytest.mark.parametrize("start", [18.0, 26.0])
def test_goes_on_to_where_the_lumen_opens(spacing, start):
    volume = scene(spacing)
    found = extend_to_ostium(tree(volume, start), volume)
    added = found.path_points()[: len(found.points) - len(tree(volume, start).points)]
    assert found.points[found.root][0] == pytest.approx(WALL_MM, abs=1.0)
    np.testing.assert_allclose(added[:, 1:], MIDDLE, atol=0.5)
    np.testing.assert_allclose(found.radii[2 : len(added)], RADIUS_MM, atol=0.25)
    assert found.length_mm == pytest.approx(38.5 - WALL_MM, abs=1.2)


def test_tree_behind_the_added_points_is_as_it_was():
    volume = scene()
    before = tree(volume)
    after = extend_to_ostium(before, volume)
    count = len(after.points) - len(before.points)
    assert count > 0
    np.testing.assert_array_equal(after.points[count:], before.points)
    np.testing.assert_array_equal(after.radii[count:], before.radii)
    assert after.parent[: count + 1].tolist() == list(range(-1, count))
    np.testing.assert_array_equal(after.branch_points(0), before.branch_points(0))
    np.testing.assert_array_equal(after.path_points()[count:], before.path_points())
    steps = np.linalg.norm(np.diff(after.path_points(), axis=0), axis=1)
    assert steps.min() > 0.2
    assert steps.max() < 0.8


@pytest.mark.parametrize(
    ("volume", "start"),
    [
        (scene(aorta=False), 24.0),  # the lumen ends blind
        (scene(), 31.0),  # the aorta is too far
        (scene(), 13.0),  # already there
        (scene(aorta=False, chamber=(34.0, 12.0, 20.0)), 24.0),  # only blood behind
    ],
)
def test_root_stays_without_an_opening_ahead_in_reach(volume, start):
    before = tree(volume, start)
    assert extend_to_ostium(before, volume) is before


def test_a_thin_wall_to_a_chamber_is_not_an_opening():
    volume = scene(chamber=(24.0, MIDDLE - RADIUS_MM - 8.0 - 0.5, MIDDLE))
    found = extend_to_ostium(tree(volume), volume)
    assert found.points[found.root][0] == pytest.approx(WALL_MM, abs=1.0)
    np.testing.assert_allclose(found.path_points()[:20, 1], MIDDLE, atol=1.0)


def test_options_bound_the_way():
    volume = scene()
    short = replace(CORONARY, ostium=replace(CORONARY.ostium, reach_mm=6.0))
    assert extend_to_ostium(tree(volume), volume, short).points[0][0] == 24.0


@pytest.mark.parametrize("start", np.arange(12.0, 16.0, 0.2))
def test_a_root_at_the_opening_stays(start):
    """In an aorta darker than the vessel the nearest place of the opening is the root itself: nothing to add."""
    bright = scene()
    hu = bright.hu.copy()
    hu[..., : int(WALL_MM / FINE[0])] = np.minimum(hu[..., : int(WALL_MM / FINE[0])], 290)
    volume = Volume(hu, bright.grid)
    before = tree(volume, start)
    after = extend_to_ostium(before, volume)
    assert np.linalg.norm(after.points[after.root] - before.points[before.root]) < 3.0
