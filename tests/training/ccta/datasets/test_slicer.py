"""Curves as 3D Slicer saves them, beside a volume."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("SimpleITK")
from scanserve.contracts import InputError
from scanserve.training.ccta.datasets import slicer
from tests.support.tube_heart import LAD, LCX, RCA

pytestmark = pytest.mark.torch

SCHEMA = "https://raw.githubusercontent.com/slicer/slicer/master/Modules/Loadable/Markups/Resources/Schema"
BRANCH = np.array([(40, -25, -15), (64, -12, -44)], float)


def curve(points: np.ndarray, name: str = "", **other: Any) -> dict[str, Any]:
    """A markup as Slicer writes it; what this reader does not need is there as well."""
    control = [
        {
            "id": str(number),
            "label": f"C-{number}",
            "position": point,
            "orientation": [-1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 1.0],
            "selected": True,
            "positionStatus": "defined",
        }
        for number, point in enumerate(np.asarray(points, float).tolist(), 1)
    ]
    plain = {"type": "Curve", "coordinateSystem": "LPS", "coordinateUnits": "mm", "controlPoints": control}
    return {**plain, **({"name": name} if name else {}), "display": {"visibility": True}, **other}


def save(place: Path, file: str, *markups: dict[str, Any]) -> None:
    place.mkdir(parents=True, exist_ok=True)
    (place / "volume.nrrd").touch()
    text = json.dumps({"@schema": f"{SCHEMA}/markups-schema-v1.0.3.json#", "markups": markups})
    (place / f"{file}.mrk.json").write_text(text)


def drawn(folder: Path) -> slicer.Drawing:
    (case,) = slicer.cases(folder)
    return slicer.draw(case)


def test_a_curve_is_called_by_its_name_or_by_its_file(tmp_path: Path) -> None:
    save(tmp_path / "a", "RCA", curve(RCA))
    save(tmp_path / "a", "left", curve(LAD, "lad"), curve(LCX, "Cx"), curve(BRANCH, "LAD-D1"))
    drawing = drawn(tmp_path)
    found = {vessel.vessel: vessel.lines for vessel in drawing.vessels}
    assert {name: len(lines) for name, lines in found.items()} == {"RCA": 1, "LAD": 2, "LCX": 1}
    assert drawing.findings == ()
    np.testing.assert_allclose(found["LAD"][1][[0, -1]], BRANCH)


def test_a_curve_passes_through_its_control_points_in_an_arc(tmp_path: Path) -> None:
    """Nine control points on a quarter of a circle of 40 mm: a polyline would cut its corners by 0.2 mm."""
    angle = np.linspace(0, np.pi / 2, 9)
    circle = 40 * np.column_stack([np.cos(angle), np.zeros(9), -np.sin(angle)])
    save(tmp_path / "a", "RCA", curve(circle))
    (vessel,) = drawn(tmp_path).vessels
    np.testing.assert_allclose(np.linalg.norm(vessel.main_path, axis=1), 40, atol=0.1)
    np.testing.assert_allclose(np.linalg.norm(np.diff(vessel.main_path, axis=0), axis=1), 0.5, rtol=0.02)


@pytest.mark.parametrize(
    ("points", "other"),
    [
        (RCA, {}),
        (RCA * (-1, -1, 1), {"coordinateSystem": "RAS"}),
        (RCA * 1000, {"coordinateUnits": "um"}),
        (RCA, {"coordinateUnits": ["mm", "UCUM", "millimeter"]}),
    ],
    ids=["LPS", "RAS", "micrometres", "a coded unit"],
)
def test_frames_and_units_are_those_that_the_file_states(
    tmp_path: Path, points: np.ndarray, other: dict[str, Any]
) -> None:
    save(tmp_path / "a", "RCA", curve(points, **other))
    (vessel,) = drawn(tmp_path).vessels
    np.testing.assert_allclose(vessel.main_path[[0, -1]], RCA[[0, -1]], atol=1e-3)


def test_a_file_that_states_neither_is_in_millimetres_lps(tmp_path: Path) -> None:
    markup = {"type": "Curve", "controlPoints": [{"position": point} for point in RCA.tolist()]}
    save(tmp_path / "a", "RCA", markup)
    np.testing.assert_allclose(drawn(tmp_path).vessels[0].main_path[0], RCA[0])


def test_points_that_are_not_placed_do_not_count(tmp_path: Path) -> None:
    markup = curve(RCA, "RCA")
    markup["controlPoints"].append({"position": [999, 999, 999], "positionStatus": "preview"})
    save(tmp_path / "a", "right", markup)
    np.testing.assert_allclose(drawn(tmp_path).vessels[0].main_path[-1], RCA[-1])


def test_markups_that_are_no_curves_are_passed_over(tmp_path: Path) -> None:
    save(tmp_path / "a", "RCA", curve(RCA, "RCA"), curve(RCA, "RCA", type="Fiducial"))
    assert len(drawn(tmp_path).vessels) == 1


def test_a_curve_of_another_name_is_left_out_and_said(tmp_path: Path) -> None:
    save(tmp_path / "a", "RCA", curve(RCA, "RCA"), curve(LAD, "LADx"), curve(LAD, "OC"))
    drawing = drawn(tmp_path)
    assert [vessel.vessel for vessel in drawing.vessels] == ["RCA"]
    assert [finding.code for finding in drawing.findings] == ["curve-unnamed", "curve-unnamed"]
    assert "'OC'" in drawing.findings[1].message


def test_a_main_path_drawn_toward_the_ostium_is_turned_and_said(tmp_path: Path) -> None:
    save(tmp_path / "a", "RCA", curve(RCA[::-1]))
    drawing = drawn(tmp_path)
    np.testing.assert_allclose(drawing.vessels[0].main_path[0], RCA[0])
    assert [finding.code for finding in drawing.findings] == ["curve-turned"]


@pytest.mark.parametrize(
    ("markups", "what"),
    [
        ((curve(RCA, "RCA"), curve(LAD, "RCA")), "one curve must be called RCA"),
        ((curve(RCA, "RCA"), curve(LAD, "LAD D1")), "must be called LAD, a main path"),
        ((curve(RCA, "OC"),), "must be called RCA, LAD or LCX"),
        ((curve(RCA[:1], "RCA"),), "two points or more"),
        ((curve(RCA, "RCA", coordinateUnits="inch"),), "in inch"),
        ((curve(RCA, "RCA", coordinateSystem="IJK"),), "coordinateSystem"),
    ],
)
def test_curves_that_cannot_be_used_are_named(tmp_path: Path, markups: tuple, what: str) -> None:
    save(tmp_path / "a", "x", *markups)
    with pytest.raises(InputError, match=what) as caught:
        drawn(tmp_path)
    assert caught.value.code == "markups-invalid"


def test_a_case_has_one_volume(tmp_path: Path) -> None:
    save(tmp_path / "a", "RCA", curve(RCA))
    (tmp_path / "a" / "Segmentation.seg.nrrd").touch()
    assert slicer.cases(tmp_path)[0].image.name == "volume.nrrd"
    drawn(tmp_path)
    (tmp_path / "a" / "other.nii.gz").touch()
    with pytest.raises(InputError, match="one volume") as caught:
        drawn(tmp_path)
    assert caught.value.code == "image-invalid"
    for file in ("other.nii.gz", "volume.nrrd"):
        (tmp_path / "a" / file).unlink()
    with pytest.raises(InputError) as caught:
        drawn(tmp_path)
    assert caught.value.code == "file-missing"


@pytest.mark.parametrize(
    ("names", "numbers"),
    [(("case 20", "case 3"), [("case 3", 3), ("case 20", 20)]), (("b 1", "a"), [("a", 1), ("b 1", 2)])],
)
def test_cases_have_the_number_of_their_folder(tmp_path: Path, names: tuple, numbers: list) -> None:
    for name in names:
        save(tmp_path / name, "RCA", curve(RCA))
    assert [(case.name, case.number) for case in slicer.cases(tmp_path)] == numbers
