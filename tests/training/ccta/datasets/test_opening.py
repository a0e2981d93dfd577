"""A data set in its published layout becomes annotated studies, and a network learns from them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

pytest.importorskip("torch")
pytest.importorskip("SimpleITK")
from scanserve.contracts import InputError
from scanserve.networks.weights import load_weights
from scanserve.phantoms.ccta import Grid
from scanserve.training.ccta import heatmaps
from scanserve.training.ccta.annotatedbank import open_phase
from scanserve.training.ccta.datasets.opening import open_data
from scanserve.training.command import app
from tests.support.tube_heart import LAD, RCA, arteries, ct, write

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ImageCAS with two whole cases, one whose mask is empty and one without a mask."""
    folder = tmp_path_factory.mktemp("imagecas")
    mask = arteries()
    for number in (9, 10, 11, 12):
        write(ct(mask), folder / "1-200" / f"{number}.img.nii.gz", "RAS")
    for number, drawn in ((9, mask), (10, mask), (11, np.zeros_like(mask))):
        write(drawn.astype(np.uint8), folder / "1-200" / f"{number}.label.nii.gz", "RAS")
    return folder


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def test_usable_cases_become_studies_and_the_rest_is_said(published: Path, cache: Path) -> None:
    data = open_data(f"imagecas:{published}", cache)
    studies = sorted(
        path.relative_to(data.folder).as_posix() for path in data.folder.glob("*/*/annotation.json")
    )
    assert studies == ["train/9/annotation.json", "validation/10/annotation.json"]
    assert data.title.startswith("ImageCAS")
    assert data.option == "imagecas:DATA"
    used, missing_trees, missing_file, where = data.notes
    assert used == "2 of 4 cases used: 1 for train and 1 for validation."
    assert missing_trees.startswith("case 11: ")
    assert missing_trees.endswith("[trees-missing]")
    assert missing_file.startswith("case 12: 12.label.nii.gz")
    assert Path(where.removeprefix("Case by case: ")).read_text().splitlines() == [
        missing_trees,
        missing_file,
    ]


def test_a_study_is_a_heart_to_learn_from(published: Path, cache: Path) -> None:
    """The image is read where it lies, and the heat maps are hottest on the lines that were drawn."""
    data = open_data(f"imagecas:{published}", cache)
    heart = open_phase(data.folder / "train" / "9", 0)
    annotation = json.loads((data.folder / "train" / "9" / "annotation.json").read_text())
    assert annotation["image"] == str(published / "1-200" / "9.img.nii.gz")
    grid = Grid.centred((100, 100, 100), 1.5, heart.volume.grid.centre)
    maps = heart.maps(grid, 3.0)
    for number, line in ((0, RCA), (1, LAD)):
        places = tuple(grid.nearest(line[1:-1]).T)
        assert maps[number][places].min() > 0.8
        assert heart.hu(grid)[places].min() > 150
    assert maps[0][tuple(grid.nearest(LAD[3:4]).T)].max() == 0


def test_a_data_set_is_read_once_until_its_files_change(published: Path, cache: Path) -> None:
    first, made = open_data(f"imagecas:{published}", cache), []
    assert open_data(f"imagecas:{published}", cache, lambda *done: made.append(done)) == first
    assert made == []
    label = published / "1-200" / "11.label.nii.gz"
    content = label.read_bytes()
    try:
        label.write_bytes(content + b"\0")
        assert (
            open_data(f"imagecas:{published}", cache, lambda *done: made.append(done)).folder != first.folder
        )
    finally:
        label.write_bytes(content)
    assert made[-1] == (4, 4)


def test_a_network_trains_on_it_by_one_command(
    published: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heatmaps, "HELD_OUT_BATCHES", 1)
    monkeypatch.chdir(tmp_path)
    options = ["ccta_stage1", "--data", f"imagecas:{published}", "--steps", "2", "--width", "2"]
    done = CliRunner().invoke(app, [*options, "--cache", str(cache)])
    assert done.exit_code == 0, done.output
    assert "2 of 4 cases used: 1 for train and 1 for validation." in done.output
    assert "step 2/2" in done.output
    manifest, _ = load_weights(tmp_path / "weights" / "ccta_stage1")
    assert manifest.data["source"].startswith("ImageCAS")
    assert manifest.training_command.endswith("--data imagecas:DATA")
    assert "trained on ImageCAS" in manifest.notice
    published_text = "".join(path.read_text() for path in (tmp_path / "weights").rglob("*.[mj][ds]*"))
    assert str(published) not in published_text


def test_a_plain_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    data = open_data(str(tmp_path), tmp_path)
    assert (data.folder, data.option, data.notes) == (tmp_path, "DATA", ())


@pytest.mark.parametrize("text", ["nowhere", "imagecas:nowhere", "imagcas:{folder}"])
def test_what_is_no_folder_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="imagecas, asoca, cat08, slicer") as caught:
        open_data(text.format(folder=tmp_path), tmp_path)
    assert caught.value.code == "file-missing"


@pytest.mark.parametrize("kind", ["imagecas", "asoca", "cat08", "slicer"])
def test_a_folder_of_another_layout_holds_no_cases(tmp_path: Path, kind: str) -> None:
    with pytest.raises(InputError, match=f"in the layout of {kind}") as caught:
        open_data(f"{kind}:{tmp_path}", tmp_path)
    assert caught.value.code == "no-cases"


def test_one_usable_case_is_not_enough(published: Path, tmp_path: Path) -> None:
    for name in ("9.img", "9.label", "11.img", "11.label"):
        os.link(published / "1-200" / f"{name}.nii.gz", tmp_path / f"{name}.nii.gz")
    with pytest.raises(InputError, match=r"of 2 only 1 can be used; case 11: .*\[trees-missing\]") as caught:
        open_data(f"imagecas:{tmp_path}", tmp_path / "cache")
    assert caught.value.code == "no-cases"
