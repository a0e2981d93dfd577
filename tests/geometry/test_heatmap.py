import numpy as np
import pytest

from scanserve.contracts import InputError
from scanserve.geometry import Grid, HeatMap

VALUES = np.zeros((3, 4, 5), dtype=np.uint8)
VALUES[1, 2, 3] = 255
MAP = HeatMap.at(VALUES, np.array([10.0, 20, 30]), np.array([0.5, 1, 2]))


def test_positions_are_xyz_of_zyx():
    assert MAP.grid.to_lps([1, 2, 3]).tolist() == [11.5, 22, 32]
    assert MAP.grid.to_index([11.5, 22, 32]).tolist() == [1, 2, 3]


def test_heat_is_0_to_1_and_linear():
    np.testing.assert_allclose(MAP.heat([[11.5, 22, 32], [11.5, 22.5, 32], [99, 99, 99]]), [1, 0.5, 0])


@pytest.mark.parametrize("values", [VALUES.astype(float), VALUES[0], VALUES[:0]])
def test_shape_is_checked(values):
    with pytest.raises(InputError) as caught:
        HeatMap.at(values, np.zeros(3), np.ones(3))
    assert caught.value.code == "heatmap-shape"


@pytest.mark.parametrize(
    ("origin", "spacing"), [([0, 0], [1, 1, 1]), ([0, 0, 0], [1, 0, 1]), ([0, 0, np.nan], [1, 1, 1])]
)
def test_geometry_is_checked(origin, spacing):
    with pytest.raises(InputError) as caught:
        HeatMap.at(VALUES, np.array(origin), np.array(spacing))
    assert caught.value.code == "grid-invalid"


def test_values_are_of_the_grid_s_shape():
    with pytest.raises(InputError) as caught:
        HeatMap(VALUES, Grid((3, 4, 6), (0, 0, 0), 1.0))
    assert caught.value.code == "heatmap-shape"
