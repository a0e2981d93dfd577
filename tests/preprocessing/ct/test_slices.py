import numpy as np

from scanserve.preprocessing.ct.slices import IDENTITY_AXIAL, normal_of, normal_positions
from tests.support.ct_slices import ct_slice, frame


def test_the_normal_is_row_direction_cross_column_direction():
    assert normal_of(IDENTITY_AXIAL).tolist() == [0, 0, 1]
    assert normal_of((1, 0, 0, 0, 0, -1)).tolist() == [0, 1, 0]
    assert normal_of((2, 0, 0, 0, 3, 0)).tolist() == [0, 0, 1]


def test_directions_without_a_normal_count_as_axial():
    assert normal_of((1, 0, 0, 1, 0, 0)).tolist() == [0, 0, 1]


def test_positions_are_taken_along_the_normal_of_the_first():
    slices = [ct_slice(2.0), ct_slice(0.5), ct_slice(position=(7.0, 8.0, 1.0))]
    np.testing.assert_array_equal(normal_positions(slices), [2.0, 0.5, 1.0])


def test_a_slice_lies_in_the_file_of_its_frame():
    assert ct_slice(frame=frame("IM7")).file == "IM7"
