from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest

from scanserve.client.ccta.options import CORONARY
from scanserve.contracts import InputError
from scanserve.geometry import (
    HeatMap,
    VesselTree,
    arc_length,
    bridge_gaps,
    build_graph,
    build_tree,
    path_length,
    prune_spurs,
    skeletonize_heatmap,
    spanning_tree,
)
from tests.support import drawing

VOXEL = 0.9
T = np.linspace(0, 1, 400)[:, None]
TRUNK = np.concatenate([8 + 34 * T, 22 + 6 * np.sin(3 * T), 20 + 8 * T], axis=1)
TWIG = TRUNK[180] + T * [8.0, -14, 4]


def recover(heatmap, start, **options):
    """The whole way from a heat map to a tree, its root at the end point nearest to ``start``."""
    graph = bridge_gaps(skeleton_graph(heatmap), heatmap, CORONARY.gaps)
    graph = prune_spurs(spanning_tree(graph), CORONARY.spur_mm)
    ends = graph.endpoints
    root = ends[np.linalg.norm(graph.points[ends] - start, axis=1).argmin()]
    return build_tree(graph, int(root), heatmap, CORONARY.tree, **options)


def skeleton_graph(heatmap):
    return build_graph(skeletonize_heatmap(heatmap.values, CORONARY.skeleton), heatmap)


def test_a_line_is_recovered_with_both_its_ends():
    tree = recover(drawing.ridge([TRUNK]), TRUNK[0])
    assert not tree.branches
    assert drawing.distances(tree.path_points(), TRUNK).mean() < 0.1 * VOXEL
    assert np.linalg.norm(tree.path_points()[[0, -1]] - TRUNK[[0, -1]], axis=1).max() < 1.5 * VOXEL


def test_arc_length_is_honest():
    """The middle part, whose ends are known exactly: a staircase would be 8 to 15 % too long."""
    tree = recover(drawing.ridge([TRUNK]), TRUNK[0])
    x = tree.path_points()[:, 0]
    found = np.diff(np.interp([12, 38], x, arc_length(tree.path_points())))
    exact = np.diff(np.interp([12, 38], TRUNK[:, 0], arc_length(TRUNK)))
    assert found == pytest.approx(exact, rel=0.005)


def test_steps_are_equal():
    steps = np.diff(arc_length(recover(drawing.ridge([TRUNK]), TRUNK[0]).path_points()))
    np.testing.assert_allclose(steps, 0.5, rtol=0.02)


def test_y_junction_has_a_main_path_and_a_branch():
    tree = recover(drawing.ridge([TRUNK, TWIG]), TRUNK[0])
    (branch,) = tree.branches
    assert branch.parent == -1
    assert branch.attachment in tree.main_path
    assert tree.parent[branch.indices[0]] == branch.attachment
    assert drawing.distances(tree.path_points(), TRUNK).max() < VOXEL
    assert drawing.distances(tree.branch_points(0)[6:], TWIG).mean() < 0.3 * VOXEL
    assert tree.total_length_mm == pytest.approx(path_length(TRUNK) + path_length(TWIG), rel=0.06)


def test_paths_lead_from_the_root():
    tree = recover(drawing.ridge([TRUNK, TWIG]), TRUNK[0])
    end = int(tree.branches[0].indices[-1])
    path = tree.path_to(end)
    assert path[0] == tree.root == tree.main_path[0]
    np.testing.assert_array_equal(tree.parent[path[1:]], path[:-1])
    np.testing.assert_array_equal(tree.path_points(end), tree.points[path])
    np.testing.assert_array_equal(tree.path_points(), tree.points[tree.main_path])


def test_resampling_keeps_ends_and_step():
    tree = recover(drawing.ridge([TRUNK]), TRUNK[0])
    points = tree.resampled(2.0)
    np.testing.assert_allclose(points[[0, -1]], tree.path_points()[[0, -1]])
    np.testing.assert_allclose(np.diff(arc_length(points)), 2.0, rtol=0.05)


def test_a_loop_is_opened():
    turn = np.linspace(0, 2 * np.pi, 200)
    ring = np.stack([26 + 9 * np.cos(turn), 22 + 9 * np.sin(turn), 20 + 0 * turn], axis=1)
    tail = np.linspace([4.0, 22, 20], [17, 22, 20], 50)
    tree = recover(drawing.ridge([ring, tail]), tail[0])
    assert drawing.distances(tree.points, np.concatenate([tail, ring[::-1]])).mean() < 2 * VOXEL
    both = path_length(tail) + path_length(ring)
    assert both - 5 < tree.total_length_mm < both + 12  # either open end may run on by its extension
    assert len(tree.branches) == 1


def test_a_gap_is_bridged():
    whole = drawing.ridge([TRUNK])
    x = np.arange(48) * VOXEL
    values = np.where((x > 20) & (x < 25), 0, whole.values).astype(np.uint8)
    tree = recover(HeatMap(values, whole.grid), TRUNK[0])
    assert drawing.distances(tree.path_points(), TRUNK).max() < 1.2 * VOXEL
    assert tree.length_mm == pytest.approx(path_length(TRUNK), abs=3)


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_scaling_the_voxels_scales_the_skeleton(factor):
    small = drawing.ridge([TRUNK])
    large = HeatMap.at(small.values, small.grid.origin * factor, small.grid.spacing * factor)
    graphs = [skeleton_graph(heatmap) for heatmap in (small, large)]
    assert graphs[1].length_mm == pytest.approx(factor * graphs[0].length_mm)


def test_moving_the_crop_moves_nothing_in_the_patient():
    first = drawing.ridge([TRUNK])
    part = HeatMap.at(first.values[8:, 6:, 2:].copy(), first.grid.to_lps([8, 6, 2]), first.grid.spacing)
    trees = [recover(h, TRUNK[0]) for h in (first, part)]
    np.testing.assert_allclose(trees[0].points, trees[1].points, atol=1e-3)


def random_tree(seed):
    """A smooth trunk and two branches, far enough apart to be told apart."""
    rng = np.random.default_rng(seed)
    bend = rng.uniform(-5, 5, (2, 2)) @ np.array([np.sin(2.5 * T[:, 0]), np.sin(4.5 * T[:, 0])])
    trunk = np.stack([5 + 46 * T[:, 0], 27 + bend[0], 27 + bend[1]], axis=1)
    signs = rng.permutation([-1, 1])
    feet = rng.integers([90, 220], [150, 280])
    twigs = [
        trunk[foot] + T * [9, s * rng.uniform(12, 16), s * rng.uniform(-4, 4)]
        for foot, s in zip(feet, signs, strict=True)
    ]
    return trunk, twigs


@pytest.mark.parametrize("seed", range(6))
def test_random_trees_are_recovered_within_a_third_of_a_voxel(seed):
    trunk, twigs = random_tree(seed)
    tree = recover(drawing.ridge([trunk, *twigs], (62, 62, 62)), trunk[0])
    every = np.concatenate([trunk, *twigs])
    near = np.linalg.norm(every[None, ::4] - tree.points[:, None], axis=2)
    assert near.min(axis=1).mean() < 0.3 * VOXEL
    assert len(tree.branches) == 2
    assert np.mean(near.min(axis=0) < VOXEL) > 0.97


def test_a_single_voxel_is_no_tree():
    graph = drawing.drawn("#")
    with pytest.raises(InputError) as caught:
        build_tree(graph, 0, drawing.ridge([TRUNK]), CORONARY.tree)
    assert caught.value.code == "graph-too-small"


LINE_TREE = {
    "points": np.arange(9.0).reshape(3, 3),
    "radii": np.ones(3),
    "parent": np.array([-1, 0, 1]),
    "main_path": np.arange(3),
}


@pytest.mark.parametrize(
    "changes",
    [
        {"radii": np.ones(2)},
        {"parent": np.array([-1, 2, 1])},
        {"main_path": np.array([1, 2])},
        {"main_path": np.array([0])},
        {"points": np.zeros((3, 2))},
    ],
)
def test_trees_are_valid_once_made(changes):
    assert VesselTree(**LINE_TREE).length_mm == pytest.approx(2 * np.sqrt(27))
    with pytest.raises(InputError) as caught:
        VesselTree(**(LINE_TREE | changes))
    assert caught.value.code == "tree-invalid"


def test_a_start_is_put_before_the_root():
    tree = recover(drawing.ridge([TRUNK, TWIG]), TRUNK[0])
    added = tree.points[tree.root] - np.array([[2.0, 0, 0], [1.0, 0, 0]])
    longer = tree.with_start(added, np.array([1.0, 2.0]))
    np.testing.assert_array_equal(longer.path_points()[:2], added)
    np.testing.assert_array_equal(longer.path_points()[2:], tree.path_points())
    np.testing.assert_array_equal(longer.branch_points(0), tree.branch_points(0))
    assert longer.root == 0
    assert longer.radii[:2].tolist() == [1.0, 2.0]
    assert longer.total_length_mm == pytest.approx(tree.total_length_mm + 2.0)
    assert tree.with_start(added[:0], np.empty(0)) is tree


def scaled(options, factor):
    """Options whose lengths in mm are ``factor`` times as long."""
    changes = {}
    for item in fields(options):
        value = getattr(options, item.name)
        if is_dataclass(value):
            changes[item.name] = scaled(value, factor)
        elif item.name.endswith("_mm"):
            changes[item.name] = factor * value
    return replace(options, **changes)


def test_a_larger_vessel_is_a_matter_of_its_options():
    """The same picture with voxels three times as large and options to match is the same tree, enlarged."""
    small, wide = drawing.ridge([TRUNK, TWIG]), scaled(CORONARY, 3.0)
    large = HeatMap.at(small.values, small.grid.origin * 3, small.grid.spacing * 3)
    graph = bridge_gaps(
        build_graph(skeletonize_heatmap(large.values, wide.skeleton), large), large, wide.gaps
    )
    graph = prune_spurs(spanning_tree(graph), wide.spur_mm)
    ends = graph.endpoints
    root = ends[np.linalg.norm(graph.points[ends] - 3 * TRUNK[0], axis=1).argmin()]
    tree = build_tree(graph, int(root), large, wide.tree)
    np.testing.assert_allclose(tree.points, 3 * recover(small, TRUNK[0]).points, atol=1e-3)
