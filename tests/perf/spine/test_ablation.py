"""The columns of a spine ablation are figures that its trainings give."""

import json
from pathlib import Path

from scanserve.perf.spine.ablation import ABLATION

RESULTS = Path(__file__).parents[3] / "perf" / "results" / "accuracy" / "spine" / "ablation.json"


def test_every_column_is_a_figure_of_the_results() -> None:
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    assert found["rows"]
    for row in found["rows"]:
        assert set(ABLATION.titles) <= set(row["figures"])
