import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanserve.contracts import InputError
from scanserve.geometry import HeatMap, build_graph, spanning_tree
from scanserve.geometry.graph import outward_ends
from tests.support import drawing

drawn = drawing.drawn

ROOT2 = np.sqrt(2)
HOOK = """
    .....
    .##..
    ...#.
    ...#.
    .....
"""
Y = """
    #.....#
    .#...#.
    ..#.#..
    ...#...
    ...#...
    ...#...
"""
LOOP = """
    ..###..
    .#...#.
    #.....#
    .#...2.
    ..###..
"""


def test_hook_is_two_plus_root_two():
    graph = drawn(HOOK)
    assert graph.length_mm == pytest.approx(2 + ROOT2)
    assert (len(graph), len(graph.endpoints), len(graph.junctions)) == (4, 2, 0)


def test_anisotropic_spacing_is_honoured():
    assert drawn(HOOK, spacing=(3, 4, 1)).length_mm == pytest.approx(3 + 4 + 5)


@settings(deadline=None)
@given(st.floats(0.1, 5))
def test_double_the_spacing_double_the_length(factor):
    spacing = np.full(3, factor)
    assert drawn(Y, spacing=spacing).length_mm == pytest.approx(factor * drawn(Y).length_mm)


def test_y_has_three_ends_and_one_junction():
    graph = drawn(Y)
    assert (len(graph.endpoints), len(graph.junctions)) == (3, 1)
    assert graph.length_mm == pytest.approx(2 + 6 * ROOT2)


def test_diagonal_in_space_is_root_three():
    heatmap = HeatMap.at(np.full((4, 4, 4), 255, dtype=np.uint8), np.zeros(3), np.ones(3))
    graph = build_graph(np.arange(4)[:, None] * np.ones(3, dtype=int), heatmap)
    assert graph.length_mm == pytest.approx(3 * np.sqrt(3))


def test_voxels_at_opposite_faces_are_no_neighbours():
    heatmap = HeatMap.at(np.full((2, 3, 4), 255, dtype=np.uint8), np.zeros(3), np.ones(3))
    graph = build_graph(np.array([[0, 0, 3], [0, 1, 0], [1, 0, 0], [0, 2, 3]]), heatmap)
    assert len(graph.edges) == 1  # (0, 1, 0) and (1, 0, 0) only


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_edges_are_all_pairs_of_neighbours(seed):
    values = (np.random.default_rng(seed).random((5, 6, 4)) < 0.3).astype(np.uint8) * 255
    heatmap = HeatMap.at(values, np.zeros(3), np.ones(3))
    graph = build_graph(np.argwhere(values), heatmap)
    gap = np.abs(graph.voxels[:, None] - graph.voxels).max(axis=2)
    first, second = np.nonzero(np.triu(gap == 1))
    assert sorted(map(sorted, graph.edges.tolist())) == sorted(
        map(list, zip(first.tolist(), second.tolist(), strict=True))
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_peer_skan_lengths(seed):
    """Total length of a random walk against skan; without corners there are no loops to differ on."""
    csr = pytest.importorskip("skan.csr")
    rng = np.random.default_rng(seed)
    voxels = np.cumsum(np.concatenate([[[1, 12, 12]], rng.integers([1, -1, -1], [2, 2, 2], (9, 3))]), axis=0)
    values = np.zeros((12, 25, 25), dtype=np.uint8)
    values[tuple(voxels.T)] = 255
    spacing = rng.uniform(0.3, 2, 3)
    graph = build_graph(voxels, HeatMap.at(values, np.zeros(3), spacing[::-1]))
    assert graph.length_mm == pytest.approx(csr.Skeleton(values > 0, spacing=spacing).path_lengths().sum())


def test_path_follows_the_graph():
    graph = drawn(Y)
    left, right = (int(np.flatnonzero((graph.voxels == v).all(axis=1))[0]) for v in ([0, 0, 0], [0, 0, 6]))
    assert len(graph.path(left, right)) == 7
    assert graph.length_to(left)[right] == pytest.approx(6 * ROOT2)
    assert graph.path(left, left).tolist() == [left]


def test_no_path_is_coded():
    graph = drawn("#.#")
    with pytest.raises(InputError) as caught:
        graph.path(0, 1)
    assert caught.value.code == "no-path"


def test_loop_is_broken_at_its_coldest_voxel():
    tree = spanning_tree(drawn(LOOP))
    assert len(tree.edges) == len(tree) - 1
    cold = int(np.flatnonzero(tree.heat < 0.5)[0])
    assert tree.degrees[cold] == 1


def test_ends_point_outward():
    graph = drawn("########")
    ends, outward = outward_ends(graph, 3.0)
    assert graph.points[ends].tolist() == [[0, 0, 0], [7, 0, 0]]
    assert outward.tolist() == [[-1, 0, 0], [1, 0, 0]]


def test_the_empty_graph():
    heatmap = HeatMap.at(np.zeros((3, 3, 3), dtype=np.uint8), np.zeros(3), np.ones(3))
    graph = spanning_tree(build_graph(np.empty((0, 3), dtype=int), heatmap))
    assert len(graph) == 0
    assert len(outward_ends(graph, 3.0)[0]) == 0
