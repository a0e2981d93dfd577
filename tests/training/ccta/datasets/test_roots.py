from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")
from scanserve.geometry import HeatMap, build_graph
from scanserve.preprocessing import Volume
from scanserve.training.ccta.datasets.roots import find_root

pytestmark = pytest.mark.torch

SHAPE = (60, 40, 40)


def upright() -> tuple[HeatMap, np.ndarray]:
    """A line of voxels of 1 mm from z = 10 to z = 50."""
    values = np.zeros(SHAPE, np.uint8)
    values[10:51, 20, 20] = 255
    return HeatMap.at(values, (0, 0, 0), 1.0), np.argwhere(values)


def ct(*bright: tuple[slice, slice, slice]) -> Volume:
    hu = np.full(SHAPE, -80, np.int16)
    hu[10:51, 19:22, 19:22] = 400
    for box in bright:
        hu[box] = 400
    return Volume.at(hu, (0, 0, 0), (1, 1, 1))


TOP = (slice(51, 60), slice(8, 33), slice(8, 33))
BOTTOM = (slice(0, 10), slice(8, 33), slice(8, 33))


@pytest.mark.parametrize(
    ("radii", "image", "z"),
    [
        (np.full(41, 1.5), ct(TOP), 50),
        (np.full(41, 1.5), ct(BOTTOM), 10),
        (np.linspace(1.0, 2.5, 41), ct(), 50),
        (np.linspace(2.5, 1.0, 41), ct(), 10),
        (np.full(41, 1.5), ct(), 50),
        (np.linspace(2.5, 1.0, 41), ct(TOP), 50),
    ],
    ids=["blood above", "blood below", "wide above", "wide below", "the higher end", "blood before width"],
)
def test_the_ostium_has_blood_width_and_height(radii: np.ndarray, image: Volume, z: int) -> None:
    heatmap, voxels = upright()
    graph = build_graph(voxels, heatmap)
    root = find_root(graph, radii[graph.voxels[:, 0] - 10], image)
    assert graph.points[root].tolist() == [20, 20, z]
