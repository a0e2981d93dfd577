"""An ablation is written as a table that says how little it claims."""

import json
from dataclasses import dataclass, field

from scanserve.perf.ablation import Ablation, write_ablation

FIGURES = {
    "mre_0_clicks_px": 50.04,
    "mre_1_clicks_px": 40.0,
    "mre_3_clicks_px": 30.0,
    "manual_mre_1_clicks_px": 48.0,
    "manual_mre_3_clicks_px": 44.0,
    "median_0_clicks_px": 45.0,
    "level_shift_share": 0.5,
}


@dataclass(frozen=True)
class Trained:
    title: str = "without the gate"
    steps: int = 12
    figures: dict = field(default_factory=lambda: FIGURES)


def test_the_table_has_a_row_for_each_training(tmp_path):
    write_ablation(tmp_path, Ablation("spine", 60, 4, [Trained(), Trained("with everything", 7)]))

    text = (tmp_path / "ablation.md").read_text()
    assert "| without the gate | 12 | 50.0 | 40.0 | 30.0 | 48.0 | 44.0 | 45.0 |" in text
    assert "60 s of processor time each" in text
    assert "nothing about the shipped networks" in text
    found = json.loads((tmp_path / "ablation.json").read_text())
    assert [row["steps"] for row in found["rows"]] == [12, 7]
    assert found["rows"][0]["figures"] == FIGURES
