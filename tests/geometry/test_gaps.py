from dataclasses import replace

import numpy as np
import pytest

from scanserve.client.ccta.options import CORONARY
from scanserve.geometry import HeatMap, bridge_gaps, build_graph
from tests.support import drawing

drawn = drawing.drawn
GAPS = CORONARY.gaps


def gapped(gap_mm, aside_mm):
    """Two straight ridges along x, the second one further on and to the side."""
    left = np.array([[4.0, 20, 20], [16, 20, 20]])
    right = np.array([[16.0 + gap_mm, 20 + aside_mm, 20], [48, 20 + aside_mm, 20]])
    heatmap = drawing.ridge([left, right], (48, 48, 60))
    voxels = np.concatenate(
        [np.rint(heatmap.grid.to_index(np.linspace(*line, 80))) for line in (left, right)]
    )
    return build_graph(np.unique(voxels.astype(int), axis=0), heatmap), heatmap


@pytest.mark.parametrize(
    ("gap_mm", "aside_mm", "parts"),
    [(5, 0, 1), (7, 0, 1), (5, 5, 1), (12, 0, 1), (12, 4, 1), (9, 9, 2), (22, 0, 2)],
)
def test_short_gaps_are_bridged_and_longer_ones_between_ends_that_face(gap_mm, aside_mm, parts):
    graph, heatmap = gapped(gap_mm, aside_mm)
    assert graph.components.max() == 1
    bridged = bridge_gaps(graph, heatmap, GAPS)
    assert bridged.components.max() + 1 == parts
    assert len(bridged.endpoints) == 2 * parts


@pytest.mark.parametrize(("left_over", "parts"), [(40, 1), (20, 2)])
def test_warmth_leads_across_a_longer_gap(left_over, parts):
    """Around a corner, where no ends face each other."""
    corner = np.array([[4.0, 8, 20], [30, 8, 20], [30, 40, 20]])
    heatmap = drawing.ridge([corner])
    legs = [np.linspace(*leg, 80) for leg in ([corner[0], [22, 8, 20]], [[30, 17, 20], corner[2]])]
    voxels = np.unique(np.rint(heatmap.grid.to_index(np.concatenate(legs))).astype(int), axis=0)
    cooled = HeatMap(np.minimum(heatmap.values, left_over), heatmap.grid)
    assert bridge_gaps(build_graph(voxels, cooled), cooled, GAPS).components.max() + 1 == parts


def test_the_bridge_follows_the_heat():
    detour = [np.array([[4.0, 20, 20], [14, 20, 20]]), np.array([[20.0, 20, 20], [30, 20, 20]])]
    arch = np.array([[14.0, 20, 20], [15, 21.5, 20], [17, 22, 20], [19, 21.5, 20], [20, 20, 20]])
    heatmap = drawing.ridge([*detour, arch])
    voxels = np.concatenate(
        [np.rint(heatmap.grid.to_index(np.linspace(*line, 80))) for line in detour]
    ).astype(int)
    bridged = bridge_gaps(build_graph(np.unique(voxels, axis=0), heatmap), heatmap, GAPS)
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
    heatmap = HeatMap.at(np.zeros((1, 4, 30), dtype=np.uint8), np.zeros(3), np.ones(3))
    assert bridge_gaps(graph, heatmap, replace(GAPS, near_mm=3.5)).components.max() == 0
    assert bridge_gaps(graph, heatmap, replace(GAPS, near_mm=2.5)).components.max() == 1


def test_the_empty_graph_has_no_gaps():
    heatmap = HeatMap.at(np.zeros((3, 3, 3), dtype=np.uint8), np.zeros(3), np.ones(3))
    graph = build_graph(np.empty((0, 3), dtype=int), heatmap)
    assert bridge_gaps(graph, heatmap, GAPS) is graph
