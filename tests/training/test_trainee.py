from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts import SetupError  # noqa: E402
from scanserve.networks.weights import save_weights  # noqa: E402
from scanserve.training.optimization import warm_cosine  # noqa: E402
from scanserve.training.recipe import Recipe  # noqa: E402
from scanserve.training.trainee import MOST_DROPPED, Trainee, blended  # noqa: E402

pytestmark = pytest.mark.torch

RECIPE = Recipe(
    model="line",
    config={"width": 2},
    build=lambda config: torch.nn.Linear(1, config["width"]),
    samples=lambda *_: None,
    loss=lambda model, batch: {"total": (model(batch["x"]) - 3).square().mean()},
    validate=lambda *_: {},
    steps=3,
    studies=1,
    learning_rate=0.1,
    data="lines",
    rate=warm_cosine,
)
BATCH = {"x": torch.ones(4, 1)}


def test_it_learns_and_its_average_follows() -> None:
    trainee = Trainee(RECIPE, 0, "cpu", None)
    losses = [trainee.learn(BATCH, step, 1.0)["total"] for step in range(200)]
    assert losses[-1] < 0.01 * losses[0]
    assert float((trainee.average(BATCH["x"]) - 3).detach().abs().max()) < 1


def test_the_first_average_is_mostly_the_new_weights() -> None:
    trainee = Trainee(RECIPE, 0, "cpu", None)
    before = trainee.average.weight.detach().clone()
    trainee.learn(BATCH, 0, 1.0)
    torch.testing.assert_close(trainee.average.weight, 0.1 * before + 0.9 * trainee.model.weight)


def test_statistics_that_overflowed_once_are_forgotten() -> None:
    normalised = replace(
        RECIPE, build=lambda _: torch.nn.Sequential(torch.nn.Linear(1, 2), torch.nn.BatchNorm1d(2))
    )
    trainee = Trainee(normalised, 0, "cpu", None)
    trainee.learn(BATCH, 0, 1.0)
    kept = trainee.average[1].running_var.clone()
    trainee.model[1].running_var[0] = torch.inf
    trainee.learn(BATCH, 1, 1.0)
    trainee.learn(BATCH, 2, 1.0)
    assert torch.isfinite(trainee.average[1].running_var).all()
    assert torch.isfinite(trainee.model[1].running_var).all()
    assert trainee.average[1].running_var[0] != kept[0]


def test_a_step_without_a_finite_gradient_changes_no_weight() -> None:
    trainee = Trainee(RECIPE, 0, "cpu", None)
    trainee.learn(BATCH, 0, 1.0)
    before = trainee.model.weight.detach().clone()
    assert trainee.learn({"x": torch.full((4, 1), torch.nan)}, 1, 1.0)["dropped"] == 1
    assert torch.equal(trainee.model.weight, before)
    assert trainee.learn(BATCH, 2, 1.0)["dropped"] == 0
    assert not torch.equal(trainee.model.weight, before)


def test_a_training_that_has_diverged_ends() -> None:
    trainee = Trainee(RECIPE, 0, "cpu", None)
    infinite = {"x": torch.full((4, 1), torch.inf)}
    for step in range(MOST_DROPPED - 1):
        trainee.learn(infinite, step, 1.0)
    with pytest.raises(SetupError, match="line must have finite gradients") as error:
        trainee.learn(infinite, MOST_DROPPED, 1.0)
    assert error.value.code == "training-diverged"


def test_it_goes_on_where_it_was_saved(tmp_path: Path) -> None:
    first, second = Trainee(RECIPE, 0, "cpu", None), Trainee(RECIPE, 1, "cpu", None)
    first.learn(BATCH, 0, 1.0)
    first.save(tmp_path / "state.safetensors", 1)
    assert second.load(tmp_path / "state.safetensors") == 1
    for trainee in (first, second):
        trainee.learn(BATCH, 1, 0.5)
    torch.testing.assert_close(first.model.weight, second.model.weight)
    torch.testing.assert_close(first.average.weight, second.average.weight)


def test_a_share_of_the_initial_weights_is_kept(tmp_path: Path) -> None:
    first = Trainee(RECIPE, 0, "cpu", None)
    made = {"seed": 0, "config": dict(RECIPE.config), "data": {"source": "lines", "steps": 1}, "metrics": {}}
    save_weights(
        tmp_path / "line",
        first.model.state_dict(),
        **made,
        licence="x",
        intended_use="x",
        training_command="x",
        commit=None,
        trained_on=("lines",),
    )
    later = Trainee(RECIPE, 1, "cpu", None)
    mixed = blended(RECIPE, later.average, tmp_path, 0.25)
    torch.testing.assert_close(mixed.weight, 0.75 * later.average.weight + 0.25 * first.model.weight)
    assert not mixed.training
