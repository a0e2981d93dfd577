"""A tiny ImageCAS, written as it is published: NIfTI in folders of 200 cases."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("SimpleITK")
from scanserve.contracts import InputError
from scanserve.training.ccta.datasets import imagecas
from tests.support.tube_heart import LAD, LCX, RCA, arteries, ct, distance_to, write

pytestmark = pytest.mark.torch

MASK = arteries()


def publish(folder: Path, number: int, stored: str = "RAS", mask: np.ndarray = MASK) -> None:
    write(ct(MASK), folder / f"{number}.img.nii.gz", stored)
    write(mask.astype(np.uint8), folder / f"{number}.label.nii.gz", stored)


def touch(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()


def test_cases_are_found_in_all_folders_by_number(tmp_path: Path) -> None:
    touch(tmp_path / "1-200", "9.img.nii.gz", "9.label.nii.gz", "10.img.nii.gz", "10.label.nii.gz")
    touch(tmp_path / "801-1000", "1000.img.nii.gz", "notes.img.nii.gz", "7.nii.gz")
    found = imagecas.cases(tmp_path)
    assert [(case.number, case.name) for case in found] == [(9, "9"), (10, "10"), (1000, "1000")]
    assert found[0].image == tmp_path / "1-200" / "9.img.nii.gz"
    assert found[0].drawn == (tmp_path / "1-200" / "9.label.nii.gz",)


def test_a_case_that_is_there_twice_counts_once(tmp_path: Path) -> None:
    touch(tmp_path / "1-200", "9.img.nii.gz", "9.label.nii.gz")
    touch(tmp_path / "1-200(1)", "9.img.nii.gz", "9.label.nii.gz")
    (case,) = imagecas.cases(tmp_path)
    assert case.image.parent.name == "1-200"


@pytest.mark.parametrize("stored", ["RAS", "LPS"])
def test_arteries_lie_in_lps_however_the_file_is_stored(tmp_path: Path, stored: str) -> None:
    publish(tmp_path / "1-200", 9, stored)
    (case,) = imagecas.cases(tmp_path)
    drawing = imagecas.draw(case)
    assert (drawing.findings, drawing.image_shift_hu) == ((), 0)
    for vessel, line in zip(drawing.vessels, (RCA, LAD, LCX), strict=True):
        assert np.median(distance_to(line, vessel.main_path)) < 0.4


def test_a_case_without_its_mask_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "9.img.nii.gz")
    with pytest.raises(InputError, match=r"9\.label\.nii\.gz") as caught:
        imagecas.draw(imagecas.cases(tmp_path)[0])
    assert caught.value.code == "file-missing"


def test_a_mask_that_does_not_lie_on_its_image_is_refused(tmp_path: Path) -> None:
    publish(tmp_path, 9, mask=MASK[:-1])
    with pytest.raises(InputError, match=r"9\.label\.nii\.gz must have the voxels") as caught:
        imagecas.draw(imagecas.cases(tmp_path)[0])
    assert caught.value.code == "image-invalid"
