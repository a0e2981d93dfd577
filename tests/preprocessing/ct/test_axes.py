import numpy as np
import pytest

from scanserve.preprocessing.ct.axes import Axes, degrees_off_axes, directions_of

AXIAL, CORONAL, SAGITTAL = (1, 0, 0, 0, 1, 0), (1, 0, 0, 0, 0, -1), (0, 1, 0, 0, 0, -1)


def _tilted(degrees: float) -> tuple[float, ...]:
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return (1, 0, 0, 0, cosine, sine)


def test_directions_of_slices_rows_and_columns():
    assert directions_of(AXIAL).tolist() == [[0, 0, 1], [0, 1, 0], [1, 0, 0]]
    assert directions_of(CORONAL).tolist() == [[0, 1, 0], [0, 0, -1], [1, 0, 0]]


@pytest.mark.parametrize(
    ("orientation", "transpose", "flips"),
    [
        (AXIAL, (0, 1, 2), (False, False, False)),
        ((-1, 0, 0, 0, -1, 0), (0, 1, 2), (False, True, True)),
        (CORONAL, (1, 0, 2), (True, False, False)),
        (SAGITTAL, (1, 2, 0), (True, False, True)),
    ],
)
def test_axes_along_the_patient_s(orientation, transpose, flips):
    assert Axes.from_orientation(orientation) == Axes(transpose, flips, aligned=True)


def test_directions_that_share_an_axis_are_left_as_they_are():
    assert Axes.from_orientation((1, 0, 0, 1, 0, 0)) == Axes((0, 1, 2), (False, False, False), aligned=False)


@pytest.mark.parametrize(("degrees", "aligned"), [(0.05, True), (0.2, False), (20, False)])
def test_a_small_angle_is_rounding(degrees, aligned):
    assert Axes.from_orientation(_tilted(degrees)).aligned is aligned


@pytest.mark.parametrize("degrees", [0, 5, 20, 45])
def test_the_angle_to_the_nearest_axis(degrees):
    assert degrees_off_axes(_tilted(degrees)) == pytest.approx(degrees, abs=1e-6)


def test_reorienting_transposes_then_flips():
    raw = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    turned = Axes((1, 0, 2), (True, False, False), aligned=True).reorient(raw)
    np.testing.assert_array_equal(turned, raw.transpose(1, 0, 2)[::-1])
    assert turned.flags["C_CONTIGUOUS"]
