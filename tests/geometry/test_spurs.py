import numpy as np
import pytest

from scanserve.geometry import HeatMap, build_graph, prune_spurs, spanning_tree
from tests.support import drawing

drawn = drawing.drawn


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
    tree = spanning_tree(build_graph(np.argwhere(values), HeatMap.at(values, np.zeros(3), np.ones(3))))
    once = prune_spurs(tree, 4.0)
    assert 0 < len(once) < len(tree)
    assert len(prune_spurs(once, 4.0)) == len(once)


def test_the_empty_graph_has_no_spurs():
    heatmap = HeatMap.at(np.zeros((3, 3, 3), dtype=np.uint8), np.zeros(3), np.ones(3))
    assert len(prune_spurs(build_graph(np.empty((0, 3), dtype=int), heatmap), 4.0)) == 0
