import numpy as np
import pytest

from scanserve.contracts import InputError
from scanserve.geometry.grid import Grid
from scanserve.phantoms.ccta import Anatomy
from scanserve.phantoms.ccta.measured import Field, measure, signed_distance
from scanserve.preprocessing import Volume


def ball(radius: float, spacing: float) -> Field:
    grid = Grid.centred((41, 41, 41), spacing, (10, -20, 30))
    x, y, z = (axis - middle for axis, middle in zip(grid.axes(), (10, -20, 30), strict=True))
    mask = x**2 + y[:, None] ** 2 + z[:, None, None] ** 2 < radius**2
    return Field(grid, signed_distance(mask, spacing))


@pytest.mark.parametrize("spacing", [1.0, 1.5])
def test_a_ball_s_field_is_its_distance(spacing):
    field = ball(14.0, spacing)
    radii = np.array([8.0, 12, 14, 17, 19], np.float32)
    for direction in np.eye(3, dtype=np.float32):
        x, y, z = (np.array([[10], [-20], [30]], np.float32) + direction[:, None] * radii).astype(np.float32)
        assert field.distance(x, y, z) == pytest.approx(radii - 14, abs=0.6 * spacing)
    low, high = field.bounds()
    assert (low + high) / 2 == pytest.approx([10, -20, 30])


def test_open_axes_broadcast():
    field = ball(14.0, 1.0)
    x, y, z = np.array([10.0, 30]), np.array([[-20.0]]), np.array([[[30.0]]])
    assert field.distance(x, y, z).shape == (1, 1, 2)


def test_a_ct_without_blood_has_no_heart_to_measure():
    anatomy = Anatomy.sample(7)
    empty = Volume.at(np.full((60, 60, 60), -100, np.int16), (-90, -90, -90), (3, 3, 3))
    with pytest.raises(InputError) as caught:
        measure(empty, anatomy.pose, anatomy.sizes)
    assert caught.value.code == "no-heart"
