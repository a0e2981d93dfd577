import numpy as np
import pytest

from scanserve.geometry import Grid, HeatMap
from scanserve.perf.ccta.peers.skeletons import skeletonizers

NEEDS = ("skan", "kimimaro")


@pytest.mark.parametrize("index", range(2))
def test_a_straight_rod_has_about_its_length(index):
    pytest.importorskip(NEEDS[index])
    values = np.zeros((40, 12, 12), np.uint8)
    values[4:36, 4:8, 4:8] = 255
    grid = Grid.centred(values.shape, 0.5, np.zeros(3))
    (length,) = skeletonizers([HeatMap(values, grid)])[index].prepare()()
    assert length == pytest.approx(16.0, abs=3.5)
