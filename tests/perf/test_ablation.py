"""An ablation is written as tables that say how little they claim."""

import json
from dataclasses import dataclass

import pytest

from scanserve.contracts import InputError
from scanserve.perf.ablation import Ablation, Columns, Measured, Row, find_judge, write_ablation

FIGURES = {"error_mm": 50.04, "median_mm": 45.0, "share": 0.5}


@dataclass(frozen=True)
class Trained:
    name: str = "no-gate"
    title: str = "without the gate"
    steps: int = 12


class Judge:
    tables = (
        Columns({"median_mm": "median", "error_mm": "mean"}, "Errors are in mm of the patient."),
        Columns({"share": "found"}, "The share that is found.", digits=2),
    )
    described = "4 test phantoms"
    notes = ("No CTs were given.",)

    def measure(self, trained):
        return Measured(FIGURES | {"share": trained.steps / 24}, {"share": [0.25, None]})


def test_every_table_has_a_row_for_each_training(tmp_path):
    judge = Judge()
    trained = [Trained(), Trained("all", "with everything", 6)]
    rows = [Row.of(one, judge.measure(one)) for one in trained]
    write_ablation(tmp_path, Ablation("any", 60, judge, rows, judge.notes))

    text = (tmp_path / "ablation.md").read_text()
    assert "Errors are in mm of the patient.\n\n| training | steps | median | mean |" in text
    assert "| without the gate | 12 | 45.0 | 50.0 |" in text
    assert "| with everything | 6 | 0.25 |" in text
    assert "measured on 4 test phantoms. They compare" in text
    assert "60 s of processor time each" in text
    assert "nothing about the shipped networks. No CTs were given.\n" in text
    found = json.loads((tmp_path / "ablation.json").read_text())
    assert [row["steps"] for row in found["rows"]] == [12, 6]
    assert found["rows"][0]["figures"] == FIGURES
    assert found["rows"][0]["each"] == {"share": [0.25, None]}
    assert (found["studies"], found["notes"]) == ("4 test phantoms", ["No CTs were given."])


def test_what_is_undefined_is_said(tmp_path):
    assert Columns({}, "").text(None) == "undefined"


@pytest.mark.parametrize("application", ["ccta", "spine"])
def test_an_application_with_ablations_has_a_judge(application):
    judge = find_judge(application)(2, (), ())
    assert "2" in judge.described
    assert all(columns.titles and columns.meaning.endswith(".") for columns in judge.tables)


def test_an_application_without_ablations_is_named():
    with pytest.raises(InputError) as caught:
        find_judge("dat")
    assert caught.value.code == "application-part-missing"
