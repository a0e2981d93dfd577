"""An ablation is written as a table that says how little it claims."""

import json
from dataclasses import dataclass, field

from scanserve.perf.ablation import Ablation, Columns, write_ablation

FIGURES = {"error_mm": 50.04, "median_mm": 45.0, "share": 0.5}
COLUMNS = Columns({"median_mm": "median", "error_mm": "mean"}, "Errors are in mm of the patient.")


@dataclass(frozen=True)
class Trained:
    title: str = "without the gate"
    steps: int = 12
    figures: dict = field(default_factory=lambda: FIGURES)


def test_the_table_has_a_row_for_each_training(tmp_path):
    write_ablation(tmp_path, Ablation("any", 60, 4, COLUMNS, [Trained(), Trained("with everything", 7)]))

    text = (tmp_path / "ablation.md").read_text()
    assert "| without the gate | 12 | 45.0 | 50.0 |" in text
    assert "on 4 test phantoms. Errors are in mm of the patient. They compare" in text
    assert "60 s of processor time each" in text
    assert "nothing about the shipped networks" in text
    found = json.loads((tmp_path / "ablation.json").read_text())
    assert [row["steps"] for row in found["rows"]] == [12, 7]
    assert found["rows"][0]["figures"] == FIGURES
