"""A tiny ASOCA, written as it is published: NRRD, normal and diseased, images beside masks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("SimpleITK")
from scanserve.training.ccta.datasets import asoca
from tests.support.tube_heart import LAD, LCX, RCA, arteries, ct, distance_to, write

pytestmark = pytest.mark.torch


def test_annotated_images_are_cases_and_those_of_the_test_sets_are_not(tmp_path: Path) -> None:
    for name in (
        "Normal/CTCA/Normal_2.nrrd",
        "Normal/CTCA/Normal_10.nrrd",
        "Normal/Annotations/Normal_2.nrrd",
        "Normal/Testset_Normal/0.nrrd",
        "Diseased/CTCA/Diseased_2.nrrd",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = asoca.cases(tmp_path)
    assert [(case.number, case.name) for case in found] == [
        (2, "Diseased_2"),
        (2, "Normal_2"),
        (10, "Normal_10"),
    ]
    assert found[1].image == tmp_path / "Normal" / "CTCA" / "Normal_2.nrrd"
    assert found[1].drawn == (tmp_path / "Normal" / "Annotations" / "Normal_2.nrrd",)


def test_the_mask_becomes_named_arteries(tmp_path: Path) -> None:
    mask = arteries()
    write(ct(mask), tmp_path / "Normal" / "CTCA" / "Normal_1.nrrd")
    write(mask.astype(np.uint8), tmp_path / "Normal" / "Annotations" / "Normal_1.nrrd")
    drawing = asoca.draw(asoca.cases(tmp_path)[0])
    assert [vessel.vessel for vessel in drawing.vessels] == ["RCA", "LAD", "LCX"]
    for vessel, line in zip(drawing.vessels, (RCA, LAD, LCX), strict=True):
        assert np.median(distance_to(line, vessel.main_path)) < 0.4
