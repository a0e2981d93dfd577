"""A stage 1 is measured in every column, on the same hearts, by what it answers."""

from functools import lru_cache
from types import SimpleNamespace

import numpy as np
import pytest

from scanserve.perf.ccta import ablation
from scanserve.perf.ccta.ablation import FIGURES, FIRST_SEED, HeartJudge, judge_in
from scanserve.perf.ccta.hearts import Hearts
from scanserve.perf.ccta.outcomes import Graphs, Subject, prepare
from scanserve.preprocessing import Volume
from scanserve.server import find_model_repository
from tests.support import tube_heart as tubes

pytest.importorskip("onnxruntime")


@lru_cache
def prepared():
    branches = [[tubes.dense(line) for line in tubes.LINES[name]] for name in ("RCA", "LAD", "LCX")]
    volume = Volume.at(tubes.ct(tubes.arteries()), tubes.FIRST, (1, 1, 1))
    return prepare(Subject("tubes", volume, branches), Graphs(find_model_repository()))


@pytest.fixture
def drawn(monkeypatch):
    """The tubes in place of every heart; the columns and seeds that were asked for."""
    asked = []

    def subject_of(hearts, seed):
        asked.append((hearts.population, seed))
        return "subject"

    monkeypatch.setattr(ablation, "subject_of", subject_of)
    monkeypatch.setattr(ablation, "prepare", lambda subject, run: prepared())
    return asked


def judged(answer, columns=("plain",), studies=1):
    judge = HeartJudge({name: Hearts(name) for name in columns}, studies)
    return judge.measure(SimpleNamespace(answer=answer))


def test_true_maps_separate_and_find_every_vessel(drawn):
    figures = judged(lambda coarse: prepared().truth).figures
    assert figures["plain: separation"] > 0.99
    assert figures["plain: heat"] > 0.9
    assert figures["plain: presence"] > 0.8
    assert figures["plain: frame_mm"] == 0


def test_an_even_map_separates_nothing_and_finds_nothing(drawn):
    figures = judged(lambda coarse: np.zeros_like(prepared().truth)).figures
    assert figures["plain: separation"] == 0.5
    assert (figures["plain: heat"], figures["plain: presence"], figures["plain: chain_found"]) == (0, 0, 0)
    assert figures["plain: chain_right"] is None


def test_maps_of_other_vessels_are_wrong(drawn):
    figures = judged(lambda coarse: prepared().truth[:, [1, 2, 0]]).figures
    assert figures["plain: separation"] < 0.8
    assert figures["plain: heat"] < 0.5


def test_every_network_sees_the_input_of_the_same_hearts(drawn):
    seen = []

    def answer(coarse):
        seen.append(coarse)
        return prepared().truth

    judge = HeartJudge({name: Hearts(name) for name in ("plain", "test")}, 2)
    first, again = (judge.measure(SimpleNamespace(answer=answer)) for _ in range(2))
    assert drawn == [(name, seed) for name in ("plain", "test") for seed in (FIRST_SEED, FIRST_SEED + 1)]
    assert all(coarse is prepared().coarse for coarse in seen)
    assert len(seen) == 8
    assert first == again
    names = {f"{column}: {figure.name}" for column in ("plain", "test") for figure in FIGURES}
    assert set(first.figures) == set(first.each) == names
    assert first.each["test: heat"] == [first.figures["test: heat"]] * 2


def test_a_table_has_a_column_for_each_kind_of_heart():
    judge = HeartJudge({name: Hearts("test") for name in ("plain", "one_ct")}, 3)
    assert [list(table.titles.values()) for table in judge.tables] == [["plain", "one_ct"]] * len(FIGURES)
    assert judge.described.startswith("3 hearts of each population (plain, test) and 3 patients in each CT")


def test_without_cts_there_are_phantoms_only_and_a_note():
    judge = judge_in(None, (), ())
    assert list(judge.columns) == ["plain", "test"]
    assert "no real hearts" in judge.notes[-1]


def test_cts_are_columns_and_are_read_before_anything_is_trained(monkeypatch, tmp_path):
    read = []
    monkeypatch.setattr(Hearts, "host", lambda hearts, seed: read.append((hearts.into, hearts.unenhanced)))
    one, two = tmp_path / "bright", tmp_path / "faint"
    judge = judge_in(2, [one], [two])
    assert list(judge.columns) == ["plain", "test", "faint", "bright"]
    assert read == [((), False), ((), False), ((two,), True), ((one,), False)]
    assert not any("no real hearts" in note for note in judge.notes)
