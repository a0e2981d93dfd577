import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanserve.contracts import InputError
from scanserve.geometry import Grid
from scanserve.preprocessing import Volume

floats = st.floats(-500, 500)
points = st.tuples(floats, floats, floats)


def _volume() -> Volume:
    return Volume.at(np.zeros((2, 3, 4), np.int16), (1, 2, 3), (0.5, 0.25, 2))


def test_voxel_centres_are_closed_form():
    assert _volume().grid.to_lps([0, 0, 0]).tolist() == [1, 2, 3]
    assert _volume().grid.to_lps([[1, 2, 3]]).tolist() == [[2.5, 2.5, 5]]


@settings(deadline=None)
@given(points)
def test_index_and_point_are_inverse(point):
    volume = _volume()
    np.testing.assert_allclose(volume.grid.to_lps(volume.grid.to_index(point)), point, atol=1e-9)


def test_centre_and_size():
    assert _volume().grid.centre.tolist() == [1.75, 2.25, 4]
    assert _volume().grid.size_mm.tolist() == [2, 0.75, 4]


def test_cropping_keeps_places():
    whole = Volume.at(np.arange(60, dtype=np.int16).reshape(3, 4, 5), (1, 2, 3), (0.5, 0.25, 2))
    part = Volume.at(whole.hu[1:, 2:, 3:], whole.grid.to_lps([1, 2, 3]), whole.grid.spacing)
    np.testing.assert_allclose(part.grid.to_lps([1, 1, 1]), whole.grid.to_lps([2, 3, 4]))


@pytest.mark.parametrize(
    ("hu", "origin", "spacing", "code"),
    [
        (np.zeros((2, 2, 2), np.float32), (0, 0, 0), (1, 1, 1), "volume-invalid"),
        (np.zeros((2, 2), np.int16), (0, 0, 0), (1, 1, 1), "volume-invalid"),
        (np.zeros((0, 2, 2), np.int16), (0, 0, 0), (1, 1, 1), "volume-invalid"),
        (np.zeros((2, 2, 2), np.int16), (0, 0), (1, 1, 1), "grid-invalid"),
        (np.zeros((2, 2, 2), np.int16), (0, 0, np.nan), (1, 1, 1), "grid-invalid"),
        (np.zeros((2, 2, 2), np.int16), (0, 0, 0), (1, 0, 1), "grid-invalid"),
    ],
)
def test_invalid_volumes_are_refused(hu, origin, spacing, code):
    with pytest.raises(InputError) as caught:
        Volume.at(hu, origin, spacing)
    assert caught.value.code == code


def test_hu_are_of_the_grid_s_shape():
    with pytest.raises(InputError) as caught:
        Volume(np.zeros((2, 2, 2), np.int16), Grid((2, 2, 3), (0, 0, 0), 1.0))
    assert caught.value.code == "volume-invalid"
