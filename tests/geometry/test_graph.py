import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanserve.contracts import InputError
from scanserve.geometry import HeatMap, bridge_gaps, build_graph, prune_spurs, spanning_tree
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
    heatmap = HeatMap(np.full((4, 4, 4), 255, dtype=np.uint8), np.zeros(3), np.ones(3))
    graph = build_graph(np.arange(4)[:, None] * np.ones(3, dtype=int), heatmap)
    assert graph.length_mm == pytest.approx(3 * np.sqrt(3))


def test_voxels_at_opposite_faces_are_no_neighbours():
    heatmap = HeatMap(np.full((2, 3, 4), 255, dtype=np.uint8), np.zeros(3), np.ones(3))
    graph = build_graph(np.array([[0, 0, 3], [0, 1, 0], [1, 0, 0], [0, 2, 3]]), heatmap)
    assert len(graph.edges) == 1  # (0, 1, 0) and (1, 0, 0) only


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_edges_are_all_pairs_of_neighbours(seed):
    values = (np.random.default_rng(seed).random((5, 6, 4)) < 0.3).astype(np.uint8) * 255
    heatmap = HeatMap(values, np.zeros(3), np.ones(3))
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
    graph = build_graph(voxels, HeatMap(values, np.zeros(3), spacing[::-1]))
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


def test_spur_is_pruned_and_the_vessel_stays():
    tree = spanning_tree(
        drawn("""
        ...#.........
        ...#.........
        #############
    """)
    )
    kept = prune_spurs(tree, 3.0)
    assert kept.length_mm == pytest.approx(12)
    assert prune_spurs(tree, 1.0).length_mm == pytest.approx(14)


def test_the_branch_of_the_root_stays_however_short():
    tree = spanning_tree(
        drawn("""
        ...#.........
        ...#.........
        #############
    """)
    )
    root = int(np.flatnonzero((tree.points == [3, 0, 0]).all(axis=1))[0])
    kept = prune_spurs(tree, 4.0, keep=root)
    assert kept.points.min(axis=0).tolist() == [3, 0, 0]  # the other twig of the junction went
    assert kept.length_mm == pytest.approx(9 + 2)


def test_of_two_short_twigs_at_the_end_the_longer_one_stays():
    tree = spanning_tree(
        drawn("""
        ..........#..
        #########.#..
        .........#...
        ..........#..
        ...........#.
        ............#
    """)
    )
    kept = prune_spurs(tree, 5.0)
    assert kept.points.max(axis=0).tolist() == [12, 5, 0]
    assert len(kept.endpoints) == 2


def test_a_short_vessel_alone_is_no_spur():
    assert len(prune_spurs(drawn("###"), 10.0)) == 3


def test_pruning_is_idempotent_on_random_forests():
    rng = np.random.default_rng(2)
    values = (rng.random((20, 20, 20)) < 0.12).astype(np.uint8) * 255
    tree = spanning_tree(build_graph(np.argwhere(values), HeatMap(values, np.zeros(3), np.ones(3))))
    once = prune_spurs(tree, 4.0)
    assert 0 < len(once) < len(tree)
    assert len(prune_spurs(once, 4.0)) == len(once)


def gapped(gap_mm, aside_mm):
    """Two straight ridges along x, the second one further on and to the side."""
    left = np.array([[4.0, 20, 20], [16, 20, 20]])
    right = np.array([[16.0 + gap_mm, 20 + aside_mm, 20], [48, 20 + aside_mm, 20]])
    heatmap = drawing.ridge([left, right], (48, 48, 60))
    voxels = np.concatenate([np.rint(heatmap.to_index(np.linspace(*line, 80))) for line in (left, right)])
    return build_graph(np.unique(voxels.astype(int), axis=0), heatmap), heatmap


@pytest.mark.parametrize(
    ("gap_mm", "aside_mm", "parts"),
    [(5, 0, 1), (7, 0, 1), (5, 5, 1), (12, 0, 1), (12, 4, 1), (9, 9, 2), (22, 0, 2)],
)
def test_short_gaps_are_bridged_and_longer_ones_between_ends_that_face(gap_mm, aside_mm, parts):
    graph, heatmap = gapped(gap_mm, aside_mm)
    assert graph.components.max() == 1
    bridged = bridge_gaps(graph, heatmap)
    assert bridged.components.max() + 1 == parts
    assert len(bridged.endpoints) == 2 * parts


@pytest.mark.parametrize(("left_over", "parts"), [(40, 1), (20, 2)])
def test_warmth_leads_across_a_longer_gap(left_over, parts):
    """Around a corner, where no ends face each other."""
    corner = np.array([[4.0, 8, 20], [30, 8, 20], [30, 40, 20]])
    heatmap = drawing.ridge([corner])
    legs = [np.linspace(*leg, 80) for leg in ([corner[0], [22, 8, 20]], [[30, 17, 20], corner[2]])]
    voxels = np.unique(np.rint(heatmap.to_index(np.concatenate(legs))).astype(int), axis=0)
    cooled = HeatMap(np.minimum(heatmap.values, left_over), heatmap.origin, heatmap.spacing)
    assert bridge_gaps(build_graph(voxels, cooled), cooled).components.max() + 1 == parts


def test_the_bridge_follows_the_heat():
    detour = [np.array([[4.0, 20, 20], [14, 20, 20]]), np.array([[20.0, 20, 20], [30, 20, 20]])]
    arch = np.array([[14.0, 20, 20], [15, 21.5, 20], [17, 22, 20], [19, 21.5, 20], [20, 20, 20]])
    heatmap = drawing.ridge([*detour, arch])
    voxels = np.concatenate([np.rint(heatmap.to_index(np.linspace(*line, 80))) for line in detour]).astype(
        int
    )
    bridged = bridge_gaps(build_graph(np.unique(voxels, axis=0), heatmap), heatmap)
    middle = bridged.points[(bridged.points[:, 0] > 16) & (bridged.points[:, 0] < 18)]
    assert len(middle)
    assert middle[:, 1].min() > 21.5


def test_strangers_further_apart_than_the_limit_are_not_joined():
    graph = drawn("""
        ##############################
        ..............................
        ..............................
        ##############################
    """)
    heatmap = HeatMap(np.zeros((1, 4, 30), dtype=np.uint8), np.zeros(3), np.ones(3))
    assert bridge_gaps(graph, heatmap, 3.5).components.max() == 0
    assert bridge_gaps(graph, heatmap, 2.5).components.max() == 1


def test_the_empty_graph():
    heatmap = HeatMap(np.zeros((3, 3, 3), dtype=np.uint8), np.zeros(3), np.ones(3))
    graph = build_graph(np.empty((0, 3), dtype=int), heatmap)
    assert len(spanning_tree(prune_spurs(bridge_gaps(graph, heatmap)))) == 0
