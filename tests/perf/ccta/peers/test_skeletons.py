import numpy as np
import pytest

from scanserve.geometry import Grid, HeatMap
from scanserve.perf.ccta.peers.skeletons import skeletonizers

NEEDS = ("skan", "kimimaro")


@pytest.mark.parametrize("index", range(2))
def test_a_fork_of_two_rods_has_about_their_length(index):
    pytest.importorskip(NEEDS[index])
    values = np.zeros((40, 40, 12), np.uint8)
    values[4:36, 4:9, 4:9] = values[18:23, 4:36, 4:9] = 255
    grid = Grid.centred(values.shape, 0.5, np.zeros(3))
    (length,) = skeletonizers([HeatMap(values, grid)])[index].prepare()()
    assert length == pytest.approx(31.0, abs=7.0)
