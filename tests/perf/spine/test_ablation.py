"""The columns of a spine ablation are figures that its trainings give."""

import json
from pathlib import Path

import pytest

from scanserve.contracts import InputError
from scanserve.perf.spine.ablation import COLUMNS, judge_in

RESULTS = Path(__file__).parents[3] / "perf" / "results" / "accuracy" / "spine" / "ablation.json"


def test_every_column_is_a_figure_of_the_results() -> None:
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    assert found["rows"]
    for row in found["rows"]:
        assert set(COLUMNS.titles) <= set(row["figures"])


def test_a_network_reads_as_many_films_as_are_asked_for() -> None:
    class Trained:
        def figures(self, films: int) -> dict[str, float]:
            return {"films": films}

    assert judge_in(3, (), ()).measure(Trained()).figures == {"films": 3}
    assert judge_in(None, (), ()).measure(Trained()).figures == {"films": 64}


@pytest.mark.parametrize("folders", [((Path("ct"),), ()), ((), (Path("ct"),))])
def test_films_are_not_laid_into_cts(folders) -> None:
    with pytest.raises(InputError) as caught:
        judge_in(None, *folders)
    assert caught.value.code == "one-population"
