import numpy as np
import pytest

from scanserve.contracts import InputError
from scanserve.phantoms.ccta import Grid


def test_centred_grid_is_symmetric():
    grid = Grid.centred((4, 6, 8), (1.0, 2.0, 3.0), (10, 20, 30))
    for axis, middle in zip(grid.axes(), (10, 20, 30), strict=True):
        assert axis.mean() == pytest.approx(middle)
    assert [len(axis) for axis in grid.axes()] == [8, 6, 4]
    assert np.diff(grid.axes()[2]) == pytest.approx(3.0)


@pytest.mark.parametrize("spacing", [(1, 1), (1, 1, 0), (-1, 1, 1)])
def test_invalid_spacing_is_refused(spacing):
    with pytest.raises(InputError) as caught:
        Grid((2, 2, 2), (0, 0, 0), spacing)
    assert caught.value.code == "grid-invalid"
