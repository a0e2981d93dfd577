import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanserve.contracts import StudyError
from scanserve.preprocessing import read_study
from tests.support import ct_factory as factory

#: Row and column directions of stacks along the patient's axes, standard and turned.
ORIENTATIONS = {
    "axial": (1, 0, 0, 0, 1, 0),
    "axial, prone": (-1, 0, 0, 0, -1, 0),
    "axial, seen from the head": (-1, 0, 0, 0, 1, 0),
    "coronal": (1, 0, 0, 0, 0, -1),
    "sagittal": (0, 1, 0, 0, 0, -1),
    "axial, transposed": (0, 1, 0, 1, 0, 0),
}


def _phase(folder):
    (phase,) = read_study(folder).phases
    return phase


def _codes(folder) -> list[str]:
    return [finding.code for finding in _phase(folder).findings]


def _refused(folder) -> str:
    with pytest.raises(StudyError) as caught:
        _phase(folder).load()
    assert caught.value.message.startswith("phase ")
    return caught.value.code


@pytest.mark.parametrize("name", ORIENTATIONS)
def test_every_voxel_lies_where_dicom_says(tmp_path, name):
    """PS3.3 C.7.6.2.1.1: position + row direction * column * spacing + column direction * row * spacing."""
    orientation = ORIENTATIONS[name]
    origin, step = np.array((-10.0, -20.0, 30.0)), 0.5
    stored = factory.pixels()
    stored.ravel()[:] = np.arange(stored.size)
    factory.write_series(tmp_path, stored, orientation=orientation, origin=origin, step=step)
    volume = _phase(tmp_path).load()
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
    volume = _phase(folder).load()
    raw = np.moveaxis(volume.hu, [0, 1, 2], np.argsort(2 - np.abs(directions).argmax(axis=1)))
    order = 2 - np.abs(directions).argmax(axis=1)
    raw = volume.hu.transpose(order)
    for axis in range(3):
        if directions[axis].sum() < 0:
            raw = np.flip(raw, axis)
    np.testing.assert_array_equal(raw, factory.pixels() - 1024)


def test_descending_files_are_the_same_volume(tmp_path):
    stored = factory.pixels()
    factory.write_series(tmp_path, stored[::-1], origin=(0, 0, 2.5), step=-0.5)
    volume = _phase(tmp_path).load()
    np.testing.assert_array_equal(volume.hu, stored - 1024)
    assert volume.grid.origin.tolist() == [0, 0, 0]


def test_regular_stack_has_no_findings(tmp_path):
    factory.write_series(tmp_path)
    assert _codes(tmp_path) == []


def test_rounded_positions_are_regular(tmp_path):
    factory.write_series(
        tmp_path, factory.pixels(40), step=0.625,
        each=lambda index: {"ImagePositionPatient": [0, 0, round(0.625 * index, 2)]},
    )  # fmt: skip
    assert _codes(tmp_path) == []
    assert _phase(tmp_path).spacing[2] == pytest.approx(0.625, abs=1e-3)


def test_missing_slices_are_counted_and_placed(tmp_path):
    factory.write_series(tmp_path, factory.pixels(20), skip=(5, 6, 12), SeriesDescription="70 %")
    (finding,) = _phase(tmp_path).findings
    assert finding.code == "missing-slices"
    assert finding.message.startswith("3 slices are missing in 2 places (after 32.00, 35.50 mm")
    with pytest.raises(StudyError, match="phase 70 %: 3 slices are missing") as caught:
        _phase(tmp_path).load()
    assert caught.value.code == "missing-slices"


def test_one_missing_slice_is_singular(tmp_path):
    factory.write_series(tmp_path, skip=(2,))
    assert "1 slice is missing in 1 place" in _phase(tmp_path).findings[0].message


def test_uneven_spacing_is_refused(tmp_path):
    factory.write_series(
        tmp_path, factory.pixels(10),
        each=lambda index: {"ImagePositionPatient": [0, 0, index * 0.5 + 0.2 * (index == 4)]},
    )  # fmt: skip
    assert _codes(tmp_path) == ["uneven-spacing"]
    assert _refused(tmp_path) == "uneven-spacing"


def test_slightly_uneven_spacing_is_said_and_read(tmp_path):
    factory.write_series(
        tmp_path, factory.pixels(10),
        each=lambda index: {"ImagePositionPatient": [0, 0, index * 0.5 + 0.05 * (index == 4)]},
    )  # fmt: skip
    assert _codes(tmp_path) == ["slightly-uneven-spacing"]
    assert _phase(tmp_path).load().hu.shape == (10, 4, 5)


def test_gantry_tilt_is_refused_with_its_angle(tmp_path):
    slope = np.tan(np.radians(15))
    factory.write_series(
        tmp_path, factory.pixels(10),
        each=lambda index: {"ImagePositionPatient": [0, round(slope * index * 0.5, 4), index * 0.5]},
    )  # fmt: skip
    (finding,) = _phase(tmp_path).findings
    assert finding.code == "tilted"
    assert "15.0 degrees" in finding.message
    assert _refused(tmp_path) == "tilted"


def test_shifted_slices_are_refused(tmp_path):
    factory.write_series(
        tmp_path, factory.pixels(10),
        each=lambda index: {"ImagePositionPatient": [0, 3.0 * (index == 7), index * 0.5]},
    )  # fmt: skip
    assert _codes(tmp_path) == ["shifted-slices"]
    assert "1 of 10 slices" in _phase(tmp_path).findings[0].message


def test_few_strays_are_left_out_and_said(tmp_path):
    stored = factory.write_series(tmp_path)
    extra = factory.slice_dataset(factory.pixels(1, 4, 4)[0], (0, 0, 0), uid="1.2.3.9")
    factory.save(extra, tmp_path / "stray")
    study = read_study(tmp_path)
    (phase,) = study.phases
    assert [finding.code for finding in phase.findings] == ["stray-slices"]
    assert [group.code for group in study.skipped] == ["stray-slice"]
    np.testing.assert_array_equal(phase.load().hu, stored - 1024)


def test_mixed_pixel_sizes_are_refused(tmp_path):
    factory.write_series(
        tmp_path, factory.pixels(12), each=lambda index: {"PixelSpacing": [0.4, 0.3 if index < 7 else 0.5]}
    )
    assert _codes(tmp_path) == ["mixed-geometry"]
    assert "5 of 12 slices" in _phase(tmp_path).findings[0].message
    assert _refused(tmp_path) == "mixed-geometry"


def test_equal_duplicates_do_not_matter(tmp_path):
    stored = factory.write_series(tmp_path)
    again = factory.slice_dataset(stored[2], (-10, -20, 31), uid="1.2.3.9")
    factory.save(again, tmp_path / "again")
    assert _codes(tmp_path) == ["duplicate-slices"]
    np.testing.assert_array_equal(_phase(tmp_path).load().hu, stored - 1024)


def test_different_slices_at_one_position_are_refused(tmp_path):
    stored = factory.write_series(tmp_path)
    other = factory.slice_dataset(stored[3], (-10, -20, 31), uid="1.2.3.9")
    factory.save(other, tmp_path / "other")
    assert _refused(tmp_path) == "duplicate-slices"


def test_oblique_stack_is_refused(tmp_path):
    cosine, sine = np.cos(np.radians(20)), np.sin(np.radians(20))
    factory.write_series(tmp_path, orientation=(1, 0, 0, 0, round(cosine, 6), round(sine, 6)))
    with pytest.raises(StudyError, match=r"20\.0 degrees") as caught:
        read_study(tmp_path)
    assert caught.value.code == "oblique"


def test_oblique_reformat_beside_a_phase_is_skipped(tmp_path):
    factory.write_series(tmp_path / "a", SeriesDescription="70 %")
    factory.write_series(
        tmp_path / "b", orientation=(1, 0, 0, 0, 0.8, 0.6), SeriesInstanceUID="1.2.9", uid="1.2.8",
        SeriesDescription="70 %",
    )  # fmt: skip
    study = read_study(tmp_path)
    assert [(group.code, group.count) for group in study.skipped] == [("oblique", 6)]
    assert len(study.phases) == 1


def test_missing_orientation_is_assumed_and_said(tmp_path):
    factory.write_series(tmp_path, each=lambda index: {"ImageOrientationPatient": None})
    assert _codes(tmp_path) == ["orientation-assumed"]


@settings(max_examples=5, deadline=None)
@given(st.sets(st.integers(2, 27), min_size=1, max_size=6))
def test_any_inner_gap_is_found(tmp_path_factory, missing):
    folder = tmp_path_factory.mktemp("gaps")
    factory.write_series(folder, factory.pixels(30), skip=tuple(missing))
    (finding,) = _phase(folder).findings
    words = "1 slice is" if len(missing) == 1 else f"{len(missing)} slices are"
    assert finding.message.startswith(f"{words} missing")
