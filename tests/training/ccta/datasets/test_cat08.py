"""A tiny Rotterdam set, written as it is published: MetaImage from 0, references from the first voxel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
SimpleITK = pytest.importorskip("SimpleITK")
from scanserve.contracts import InputError  # noqa: E402
from scanserve.training.ccta.datasets import cat08  # noqa: E402
from scanserve.training.ccta.imagefile import read_volume  # noqa: E402
from tests.support.tube_heart import (  # noqa: E402
    BLOOD_HU,
    DIAGONAL,
    FAT_HU,
    FIRST,
    LAD,
    LCX,
    RCA,
    arteries,
    ct,
    dense,
    distance_to,
    write,
)

pytestmark = pytest.mark.torch

MASK = arteries()
BRANCH = np.concatenate([LAD[:3], DIAGONAL[1:]])


def publish(folder: Path, number: int = 0, above_hu: int = 1024, stored: str = "LPS") -> Path:
    """One dataset: positions count from the first voxel as it is stored, along the axes of the file."""
    place = folder / f"dataset{number:02d}"
    image = write(ct(MASK) + np.int16(above_hu), place / f"image{number:02d}.mhd", stored)
    header = SimpleITK.ReadImage(str(image))
    to_file = np.linalg.inv(np.reshape(header.GetDirection(), (3, 3)))
    for vessel, line in enumerate((RCA, LAD, LCX, BRANCH)):
        points = (dense(line) - header.GetOrigin()) @ to_file.T
        rows = np.column_stack([points, np.full(len(points), 1.5), np.full(len(points), 0.3)])
        (place / f"vessel{vessel}").mkdir()
        np.savetxt(place / f"vessel{vessel}" / "reference.txt", rows, fmt="%g")
    return place


@pytest.mark.parametrize("stored", ["LPS", "RAS"])
def test_references_count_from_the_first_voxel_of_the_file(tmp_path: Path, stored: str) -> None:
    publish(tmp_path, stored=stored)
    (case,) = cat08.cases(tmp_path)
    drawing = cat08.draw(case)
    for vessel, line in zip(drawing.vessels, (RCA, LAD, LCX), strict=True):
        assert distance_to(line, vessel.main_path).max() < 0.1
    assert [len(vessel.lines) for vessel in drawing.vessels] == [1, 2, 1]


def test_files_hold_what_the_format_says(tmp_path: Path) -> None:
    """The origin is not 0, so a reader that added it, or left it out, would be seen."""
    place = publish(tmp_path)
    assert FIRST.all()
    first = np.loadtxt(place / "vessel0" / "reference.txt")[0]
    np.testing.assert_allclose(first, [*(RCA[0] - FIRST), 1.5, 0.3])
    header = (place / "image00.mhd").read_text()
    assert "ElementDataFile = image00.raw" in header


@pytest.mark.parametrize(("above", "shift"), [(1024, -1024), (0, 0)])
def test_values_that_begin_at_0_are_brought_to_hu(tmp_path: Path, above: int, shift: int) -> None:
    publish(tmp_path, above_hu=above)
    (case,) = cat08.cases(tmp_path)
    assert cat08.draw(case).image_shift_hu == shift
    assert set(np.unique(read_volume(case.image, shift).hu)) == {FAT_HU, BLOOD_HU}


def test_datasets_without_references_are_no_cases(tmp_path: Path) -> None:
    publish(tmp_path, 7)
    (tmp_path / "dataset08").mkdir()
    (tmp_path / "dataset08" / "image08.mhd").touch()
    (case,) = cat08.cases(tmp_path)
    assert (case.number, case.name, len(case.drawn)) == (7, "dataset07", 4)


@pytest.mark.parametrize("text", ["", "1 2 3 1 0\n", "1 2\n3 4\n", "1 2 3\n1 2 x\n", "1 2 3\n4 nan 6\n"])
def test_a_reference_of_another_layout_is_refused(tmp_path: Path, text: str) -> None:
    place = publish(tmp_path)
    (place / "vessel2" / "reference.txt").write_text(text)
    with pytest.raises(InputError, match=r"vessel2/reference\.txt") as caught:
        cat08.draw(cat08.cases(tmp_path)[0])
    assert caught.value.code == "reference-invalid"


@pytest.mark.shared_data
def test_a_real_reference_is_read(shared_data: Path, tmp_path: Path) -> None:
    points = cat08.read_reference(shared_data / "cat08_golden" / "reference.txt")
    assert points.shape == (7450, 3)
    np.testing.assert_allclose(points[0], [61.3221, 70.5911, 86.7588])
