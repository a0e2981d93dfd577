from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
from scanserve.contracts import InputError
from scanserve.training.ccta.annotation import FILE, find_annotations, read_annotation

pytestmark = pytest.mark.torch

GOOD = {
    "phases": [
        {
            "phase": "75 %",
            "vessels": [
                {
                    "vessel": "LAD",
                    "main_path_mm": [[0, 0, 0], [0, 0, 10]],
                    "side_branches_mm": [[[0, 0, 5], [5, 0, 5]]],
                    "grade": 3.5,
                    "section_grades": [4, None],
                }
            ],
        }
    ]
}


def write(folder: Path, content: object) -> Path:
    folder.mkdir(parents=True)
    (folder / FILE).write_text(json.dumps(content))
    return folder


def test_lines_and_grades_are_read(tmp_path: Path) -> None:
    phase = read_annotation(write(tmp_path / "a", GOOD)).phases[0]
    vessel = phase.vessel("LAD")
    np.testing.assert_array_equal(vessel.main_path, [[0, 0, 0], [0, 0, 10]])
    assert [len(line) for line in vessel.lines] == [2, 2]
    assert phase.vessel("RCA") is None


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"vessel": "LM"}, "vessel"),
        ({"grade": 5}, "grade"),
        ({"main_path_mm": [[0, 0, 0]]}, "main_path_mm"),
        ({"main_path_mm": [[0, 0], [1, 1]]}, "main_path_mm"),
        ({"patient_name": "X"}, "patient_name"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, change: dict, where: str) -> None:
    vessel = GOOD["phases"][0]["vessels"][0] | change
    folder = write(tmp_path / "a", {"phases": [{"phase": "75 %", "vessels": [vessel]}]})
    with pytest.raises(InputError, match=where) as error:
        read_annotation(folder)
    assert error.value.code == "annotation-invalid"


def test_studies_are_found_by_split(tmp_path: Path) -> None:
    for name in ("b", "a"):
        write(tmp_path / "train" / name, GOOD)
    assert [folder.name for folder in find_annotations(tmp_path, "train")] == ["a", "b"]
    with pytest.raises(InputError) as error:
        find_annotations(tmp_path, "validation")
    assert error.value.code == "annotation-missing"


def test_a_phase_must_hold_a_vessel(tmp_path: Path) -> None:
    folder = write(tmp_path / "a", {"phases": [{"phase": "75 %", "vessels": []}]})
    with pytest.raises(InputError, match="vessels") as error:
        read_annotation(folder)
    assert error.value.code == "annotation-invalid"
