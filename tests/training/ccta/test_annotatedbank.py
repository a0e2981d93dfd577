"""Annotations written from a phantom's truth must teach what the phantom itself teaches."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
from scanserve.contracts import InputError
from scanserve.contracts.ccta import QUALITY_CLASSES
from scanserve.phantoms.ccta import Anatomy, Grid, heatmaps, write_study
from scanserve.training.ccta.annotatedbank import graded_mm, make_annotated_vessels, open_phase
from scanserve.training.ccta.annotatedworlds import make_annotated_sample
from scanserve.training.ccta.annotation import FILE
from scanserve.training.ccta.banks import worlds_for
from scanserve.training.ccta.quality import VesselSamples
from scanserve.training.ccta.seeds import TRAIN
from scanserve.training.recipe import Sources

pytestmark = pytest.mark.torch

SEED = 7


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    study = data / "train" / "one"
    write_study(study, SEED, 2, grid=Grid.centred((60, 96, 96), (2.0, 2.0, 2.5)))
    truth = json.loads((study / "truth.json").read_text())
    phases = [
        {"phase": f"{percent:g} %", "vessels": [_drawn(vessel, number) for vessel in truth["vessels"]]}
        for number, percent in enumerate(truth["percents"])
    ]
    (study / FILE).write_text(json.dumps({"phases": phases}))
    return data


def _drawn(vessel: dict, number: int) -> dict:
    main, *others = vessel["phases"][number]["points_mm"]
    return {
        "vessel": vessel["abbreviation"],
        "main_path_mm": main,
        "side_branches_mm": others,
        "grade": 4 - number,
        "section_grades": [4 - number] * 3,
    }


def test_drawn_lines_give_the_phantoms_own_heat_maps(data: Path) -> None:
    truth = json.loads((data / "train" / "one" / "truth.json").read_text())
    grid = Grid.centred((48,) * 3, 2.0, np.zeros(3))
    drawn = open_phase(data / "train" / "one", 1).maps(grid, 3.0)
    np.testing.assert_allclose(
        drawn, heatmaps(Anatomy.sample(SEED), truth["percents"][1], grid, 3.0), atol=0.03
    )


def test_the_volume_is_resampled_where_it_lies(data: Path) -> None:
    heart = open_phase(data / "train" / "one", 0)
    grid = Grid.centred((8,) * 3, 2.0, heart.volume.grid.centre)
    nearest = np.rint(heart.volume.grid.to_index(grid.origin)).astype(int)
    hu = heart.hu(grid)
    assert hu.shape == (8, 8, 8)
    assert hu[0, 0, 0] == pytest.approx(heart.volume.hu[tuple(nearest)], abs=150)
    outside = Grid.centred((2,) * 3, 2.0, heart.volume.grid.centre + 1000)
    np.testing.assert_allclose(heart.hu(outside), -1024)


def test_samples_have_the_phantoms_arrays(data: Path) -> None:
    item = make_annotated_sample(data / "train" / "one", 0)
    assert item["coarse"].dtype == item["patches"].dtype == np.uint8
    assert item["coarse_maps"].reshape(3, -1).max(axis=1).min() > 200  # every vessel


def test_grades_become_motion(data: Path) -> None:
    item = make_annotated_vessels(data / "train" / "one")
    assert item["images"].shape[:2] == (3, 2)
    np.testing.assert_allclose(item["blur"], np.tile([graded_mm(4), graded_mm(3)], (3, 1)), rtol=1e-6)
    assert np.isfinite(item["section_blur"][..., :3]).all()
    assert np.isnan(item["section_blur"][..., 3:]).all()


@pytest.mark.parametrize("quality", QUALITY_CLASSES)
def test_a_grade_is_its_classs_centre(quality) -> None:
    assert graded_mm(quality.grade) == pytest.approx(quality.blur_mm)


def test_a_bank_has_every_annotated_phase(data: Path, tmp_path: Path) -> None:
    bank = worlds_for(Sources(tmp_path, tmp_path, data), TRAIN, 99)
    assert len(bank) == 2
    bank._write(1)
    assert bank.read(1)["coarse"].shape == (2, 96, 96, 96)


def test_the_quality_network_gets_graded_phases_only(data: Path, tmp_path: Path) -> None:
    samples = VesselSamples(Sources(tmp_path, tmp_path, data), 99, 0)
    samples.bank._write(0)
    batch = samples.batch(0)
    assert np.isfinite(batch["blur"].numpy()).all()
    assert batch["image"].shape[1:] == (1, 320, 32, 32)


def test_a_phase_that_is_not_there_is_named(data: Path, tmp_path: Path) -> None:
    folder = data / "train" / "one"
    text = (folder / FILE).read_text()
    try:
        (folder / FILE).write_text(text.replace('"phase": "0 %"', '"phase": "33 %"'))
        with pytest.raises(InputError, match="33 %") as error:
            open_phase(folder, 0)
    finally:
        (folder / FILE).write_text(text)
    assert error.value.code == "annotation-invalid"


def test_a_study_without_grades_is_refused(tmp_path: Path) -> None:
    vessel = {"vessel": "LAD", "main_path_mm": [[0, 0, 0], [0, 0, 9]]}
    (tmp_path / FILE).write_text(json.dumps({"phases": [{"phase": "0 %", "vessels": [vessel]}]}))
    with pytest.raises(InputError) as error:
        make_annotated_vessels(tmp_path)
    assert error.value.code == "annotation-ungraded"
