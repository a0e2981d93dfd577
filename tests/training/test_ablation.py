from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

pytest.importorskip("torch")
from scanserve.contracts import InputError
from scanserve.training import ablation
from scanserve.training.ablation import Kept, chosen, train_for

pytestmark = pytest.mark.torch

VARIANTS = {"full": "everything", "half": "the half of it"}


class Steps:
    """A trainee whose every step takes a second of processor time, and samples whose making takes an hour."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.learned, self.rates, self.made = clock, [], [], 0

    def learn(self, batch, step, rate):
        self.clock.now += 1
        self.learned.append((batch, step))
        self.rates.append(rate)
        return {"total": 0.5}

    def save(self, path, step):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(step))

    def load(self, path):
        return int(path.read_text())

    def prepare(self):
        self.clock.now += 3600
        self.made += 1

    def batch(self, step):
        return f"batch {step}"


class Clock:
    now = 0.0

    def process_time(self) -> float:
        return self.now


@pytest.fixture
def steps(monkeypatch) -> Steps:
    clock = Clock()
    monkeypatch.setattr(ablation, "time", SimpleNamespace(process_time=clock.process_time))
    return Steps(clock)


def test_the_shortest_time_is_enough_for_a_step(steps, monkeypatch) -> None:
    passing = iter(range(100))
    monkeypatch.setattr(ablation.time, "process_time", lambda: float(next(passing)))
    shares = []
    assert train_for(0.5, steps, steps, progress=lambda share, step, terms: shares.append(share)) == 1
    assert shares == [1.0]


def test_without_names_all_variants_are_chosen() -> None:
    assert chosen([], VARIANTS) == VARIANTS
    assert chosen(["half"], VARIANTS) == {"half": "the half of it"}


def test_an_unknown_variant_names_the_known_ones() -> None:
    with pytest.raises(InputError, match="full, half") as error:
        chosen(["half", "none"], VARIANTS)
    assert error.value.code == "unknown-variant"


def test_the_making_of_samples_does_not_count(steps) -> None:
    told = []
    count = train_for(5, steps, steps, progress=lambda share, step, terms: told.append((share, step, terms)))
    assert count == 5
    assert steps.learned == [(f"batch {n}", n) for n in range(5)]
    assert steps.rates[1] > 2 * steps.rates[-1] > 0
    assert told[1] == (0.2, 2, {"total": 0.5})


def test_a_stopped_training_goes_on_with_what_it_has(steps, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(ablation, "CHECKPOINT_S", 2)
    kept = Kept(tmp_path, {"width": 8})

    def stop(share, step, terms) -> None:
        if step == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_for(9, steps, steps, kept, stop)
    steps.learned.clear()
    assert train_for(9, steps, steps, kept) == 9
    assert steps.learned == [(f"batch {n}", n) for n in range(3, 9)]


def test_a_finished_training_is_used_again(steps, tmp_path) -> None:
    kept = Kept(tmp_path, {"width": 8})
    train_for(3, steps, steps, kept)
    assert train_for(3, steps, steps, kept) == 3
    assert (len(steps.learned), steps.made) == (3, 1)
    assert json.loads((tmp_path / "spent.json").read_text())["seconds"] == 3


def test_a_training_with_another_choice_begins_anew(steps, tmp_path) -> None:
    train_for(3, steps, steps, Kept(tmp_path, {"width": 8}))
    assert train_for(4, steps, steps, Kept(tmp_path, {"width": 12})) == 4
    assert [step for _, step in steps.learned] == [0, 1, 2, 0, 1, 2, 3]
