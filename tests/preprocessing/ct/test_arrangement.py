import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanserve.preprocessing.ct.arrangement import arrange
from tests.support import ct_factory as factory
from tests.support.ct_slices import ct_slice, series
from tests.support.ct_study import finding_codes, load_refusal, only_phase

#: Row and column directions of stacks along the patient's axes, standard and turned.
ORIENTATIONS = {
    "axial": (1, 0, 0, 0, 1, 0),
    "axial, prone": (-1, 0, 0, 0, -1, 0),
    "axial, seen from the head": (-1, 0, 0, 0, 1, 0),
    "coronal": (1, 0, 0, 0, 0, -1),
    "sagittal": (0, 1, 0, 0, 0, -1),
    "axial, transposed": (0, 1, 0, 1, 0, 0),
}


def test_slices_are_sorted_by_position_whatever_their_order():
    slices = series()
    stack = arrange(slices[3:] + slices[:3])
    assert [image.file for image in stack.slices] == ["s0", "s1", "s2", "s3", "s4", "s5"]
    assert (stack.shape, stack.spacing, stack.origin) == ((6, 4, 5), (0.3, 0.4, 0.5), (0, 0, 0))
    assert stack.step == 0.5


def test_one_slice_is_as_thick_as_it_says():
    assert arrange([ct_slice(thickness=0.75)]).spacing == (0.3, 0.4, 0.75)
    assert arrange([ct_slice(thickness=None)]).spacing == (0.3, 0.4, 1.0)


def test_a_missing_slice_does_not_change_the_step():
    slices = series()
    assert arrange(slices[:2] + slices[3:]).step == pytest.approx(0.5)


def test_slices_at_one_position_are_duplicates_of_the_first_by_instance_uid():
    slices = [*series(), ct_slice(1.0, "t")]
    stack = arrange(slices)
    assert len(stack.slices) == 6
    assert [(index, other.file) for index, other in stack.duplicates] == [(2, "t")]


def test_slices_of_another_layout_are_strays():
    stray = ct_slice(0.7, "stray", pixel_spacing=(0.5, 0.5))
    stack = arrange([*series(), stray])
    assert stack.strays == (stray,)
    assert len(stack.slices) == 6


def test_rounded_cosines_are_the_same_layout():
    slices = series()
    slices[2] = ct_slice(1.0, "s2", orientation=(1.0, 0.0005, 0.0, 0.0, 1.0, 0.0))
    assert arrange(slices).strays == ()


@pytest.mark.parametrize("name", ORIENTATIONS)
def test_every_voxel_lies_where_dicom_says(tmp_path, name):
    """PS3.3 C.7.6.2.1.1: position + row direction * column * spacing + column direction * row * spacing."""
    orientation = ORIENTATIONS[name]
    origin, step = np.array((-10.0, -20.0, 30.0)), 0.5
    stored = factory.pixels()
    stored.ravel()[:] = np.arange(stored.size)
    factory.write_series(tmp_path, stored, orientation=orientation, origin=origin, step=step)
    volume = only_phase(tmp_path).load()
    row, column = np.array(orientation[:3]), np.array(orientation[3:])
    normal = np.cross(row, column)
    assert (volume.grid.spacing > 0).all()
    for index in np.ndindex(*stored.shape):
        k, r, c = index
        point = origin + k * step * normal + row * 0.3 * c + column * 0.4 * r
        at = volume.grid.to_index(point)
        np.testing.assert_allclose(at, np.rint(at), atol=1e-6)
        assert volume.hu[tuple(np.rint(at).astype(int))] == stored[index] - 1024


@settings(max_examples=10, deadline=None)
@given(st.sampled_from(sorted(ORIENTATIONS)), st.floats(-300, 300), st.sampled_from([0.4, 0.625, 1.0]))
def test_orientation_round_trips(tmp_path_factory, name, z, step):
    """The same anatomy written in any orientation is the same volume."""
    folder = tmp_path_factory.mktemp("stack")
    orientation = ORIENTATIONS[name]
    directions = np.array([np.cross(orientation[:3], orientation[3:]), orientation[3:], orientation[:3]])
    factory.write_series(folder, orientation=orientation, origin=(0, 0, z), step=step)
    volume = only_phase(folder).load()
    order = 2 - np.abs(directions).argmax(axis=1)
    raw = volume.hu.transpose(order)
    for axis in range(3):
        if directions[axis].sum() < 0:
            raw = np.flip(raw, axis)
    np.testing.assert_array_equal(raw, factory.pixels() - 1024)


def test_descending_files_are_the_same_volume(tmp_path):
    stored = factory.pixels()
    factory.write_series(tmp_path, stored[::-1], origin=(0, 0, 2.5), step=-0.5)
    volume = only_phase(tmp_path).load()
    np.testing.assert_array_equal(volume.hu, stored - 1024)
    assert volume.grid.origin.tolist() == [0, 0, 0]


def test_equal_duplicates_do_not_matter(tmp_path):
    stored = factory.write_series(tmp_path)
    again = factory.slice_dataset(stored[2], (-10, -20, 31), uid="1.2.3.9")
    factory.save(again, tmp_path / "again")
    assert finding_codes(tmp_path) == ["duplicate-slices"]
    np.testing.assert_array_equal(only_phase(tmp_path).load().hu, stored - 1024)


def test_different_slices_at_one_position_areload_refusal(tmp_path):
    stored = factory.write_series(tmp_path)
    other = factory.slice_dataset(stored[3], (-10, -20, 31), uid="1.2.3.9")
    factory.save(other, tmp_path / "other")
    assert load_refusal(tmp_path) == "duplicate-slices"
