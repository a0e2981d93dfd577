"""One volume, stored in every way that a data set may choose, is read the same."""

from __future__ import annotations

import gzip
import struct
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
SimpleITK = pytest.importorskip("SimpleITK")
from scanserve.contracts import InputError, SetupError  # noqa: E402
from scanserve.geometry import Grid  # noqa: E402
from scanserve.training.ccta.imagefile import (  # noqa: E402
    from_first_voxel,
    least_value,
    ras_to_lps,
    read_mask,
    read_volume,
    same_grid,
)

pytestmark = pytest.mark.torch

VALUES = np.arange(2 * 3 * 4, dtype=np.int16).reshape(2, 3, 4)
ORIGIN, SPACING = (10.0, -20.0, 30.0), (0.5, 0.75, 1.25)


def stored(axes: str, values: np.ndarray = VALUES) -> SimpleITK.Image:
    image = SimpleITK.GetImageFromArray(values)
    image.SetOrigin(ORIGIN)
    image.SetSpacing(SPACING)
    return SimpleITK.DICOMOrient(image, axes)


@pytest.mark.parametrize("axes", ["LPS", "RAS", "LAS", "RPI", "PIR", "SLA"])
@pytest.mark.parametrize("name", ["a.nii.gz", "a.nrrd", "a.mhd", "a.mha"])
def test_every_format_and_direction_gives_the_same_volume(tmp_path: Path, name: str, axes: str) -> None:
    SimpleITK.WriteImage(stored(axes), str(tmp_path / name))
    volume = read_volume(tmp_path / name)
    np.testing.assert_array_equal(volume.hu, VALUES)
    np.testing.assert_allclose(volume.grid.origin, ORIGIN, atol=1e-4)
    np.testing.assert_allclose(volume.grid.spacing, SPACING, atol=1e-4)


def test_nifti_states_ras_and_is_read_as_lps(tmp_path: Path) -> None:
    file = tmp_path / "a.nii.gz"
    SimpleITK.WriteImage(stored("LPS"), str(file))
    header = gzip.decompress(file.read_bytes())[:348]
    to_ras = np.array(struct.unpack("<12f", header[280:328])).reshape(3, 4)
    np.testing.assert_allclose(ras_to_lps(to_ras[:, 3]), ORIGIN)
    np.testing.assert_allclose(ras_to_lps(to_ras @ [1, 1, 1, 1]), np.add(ORIGIN, SPACING))
    np.testing.assert_allclose(read_volume(file).grid.origin, ORIGIN)


@pytest.mark.parametrize(
    ("space", "sign"), [("left-posterior-superior", 1), ("right-anterior-superior", -1), ("LAS", None)]
)
def test_nrrd_states_its_space(tmp_path: Path, space: str, sign: int | None) -> None:
    """Written by hand: the file's axes point along the axes of the space that it names."""
    lines = (
        "NRRD0004",
        "type: short",
        "dimension: 3",
        f"space: {space}",
        "sizes: 4 3 2",
        "space directions: (0.5,0,0) (0,0.75,0) (0,0,1.25)",
        "kinds: domain domain domain",
        "endian: little",
        "encoding: raw",
        "space origin: (10,-20,30)",
    )
    (tmp_path / "a.nrrd").write_bytes("\n".join(lines).encode() + b"\n\n" + VALUES.tobytes())
    volume = read_volume(tmp_path / "a.nrrd")
    flips = {1: (1, 1, 1), -1: (-1, -1, 1), None: (1, -1, 1)}[sign]
    first = VALUES[tuple(slice(None, None, flip) for flip in flips[::-1])]
    np.testing.assert_array_equal(volume.hu, first)
    corner = np.array(ORIGIN) * flips
    far = corner + np.array(flips) * np.multiply(SPACING, (3, 2, 1))
    np.testing.assert_allclose(volume.grid.bounds(), [np.minimum(corner, far), np.maximum(corner, far)])


@pytest.mark.parametrize("axes", ["LPS", "RAS", "PIR"])
def test_positions_from_the_first_voxel_follow_the_axes_of_the_file(tmp_path: Path, axes: str) -> None:
    image = stored(axes)
    SimpleITK.WriteImage(image, str(tmp_path / "a.mhd"))
    index = (1, 0, 1)
    expected = image.TransformIndexToPhysicalPoint(index)
    found = from_first_voxel(tmp_path / "a.mhd", np.multiply(index, image.GetSpacing())[None])
    np.testing.assert_allclose(found, [expected], atol=1e-4)


def test_values_are_shifted_rounded_and_kept_in_the_range_of_a_ct(tmp_path: Path) -> None:
    values = np.array([[[0.0, 1023.6, 9000.0]]], np.float32)
    SimpleITK.WriteImage(stored("LPS", values), str(tmp_path / "a.nrrd"))
    assert read_volume(tmp_path / "a.nrrd", -1024).hu.tolist() == [[[-1024, 0, 3071]]]
    assert least_value(tmp_path / "a.nrrd") == 0


def test_a_mask_is_what_is_not_0(tmp_path: Path) -> None:
    SimpleITK.WriteImage(stored("RAS", VALUES % 3), str(tmp_path / "a.nrrd"))
    mask, grid = read_mask(tmp_path / "a.nrrd")
    np.testing.assert_array_equal(mask, VALUES % 3 != 0)
    assert same_grid(grid, Grid(VALUES.shape, ORIGIN, SPACING))


def test_a_grid_is_another_where_voxels_are_elsewhere() -> None:
    grid = Grid((5, 6, 7), (1, 2, 3), 0.5)
    assert same_grid(grid, grid.moved((0.2, 0, 0)))
    assert not same_grid(grid, grid.moved((0.3, 0, 0)))
    assert not same_grid(grid, Grid((5, 6, 7), (1, 2, 3), (0.5, 0.5, 0.7)))
    assert not same_grid(grid, Grid((5, 6, 8), (1, 2, 3), 0.5))


def test_an_oblique_image_is_refused(tmp_path: Path) -> None:
    image = SimpleITK.GetImageFromArray(np.zeros((50, 50, 50), np.int16))
    cos, sin = np.cos(0.1), np.sin(0.1)
    image.SetDirection((cos, -sin, 0, sin, cos, 0, 0, 0, 1))
    SimpleITK.WriteImage(image, str(tmp_path / "a.nii.gz"))
    with pytest.raises(InputError, match=r"a\.nii\.gz must lie along the patient's axes") as caught:
        read_volume(tmp_path / "a.nii.gz")
    assert caught.value.code == "image-invalid"


def test_what_is_no_volume_is_refused_without_its_path(tmp_path: Path) -> None:
    (tmp_path / "a.nii.gz").write_bytes(b"nothing")
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(np.zeros((4, 4), np.int16)), str(tmp_path / "b.nrrd"))
    for name in ("a.nii.gz", "b.nrrd", "c.mhd"):
        for read in (read_volume, read_mask, lambda file: from_first_voxel(file, np.zeros((1, 3)))):
            with pytest.raises(InputError, match=name) as caught:
                read(tmp_path / name)
            assert caught.value.code == "image-invalid"
            assert str(tmp_path) not in caught.value.message


def test_without_simpleitk_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "SimpleITK", None)
    with pytest.raises(SetupError, match=r"scanserve\[export\]") as caught:
        read_volume(tmp_path / "a.nii.gz")
    assert caught.value.code == "extra-missing"
