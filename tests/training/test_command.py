from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

torch = pytest.importorskip("torch")
from scanserve.networks.weights import load_weights  # noqa: E402
from scanserve.training import catalogue, ccta  # noqa: E402
from scanserve.training.command import app  # noqa: E402
from scanserve.training.recipe import Recipe  # noqa: E402
from scanserve.training.trainee import Trainee  # noqa: E402

pytestmark = pytest.mark.torch


class Lines:
    def __init__(self, sources, studies, seed) -> None:
        pass

    def prepare(self, progress=None) -> None:
        pass

    def batch(self, step: int) -> dict[str, torch.Tensor]:
        return {"x": torch.ones(1, 1)}


RECIPE = Recipe(
    model="ccta_stage1",
    config={"width": 2},
    build=lambda config: torch.nn.Linear(1, config["width"]),
    samples=Lines,
    loss=lambda model, batch: {"total": model(batch["x"]).square().mean()},
    validate=lambda model, sources: {"validation_dice": 0.5},
    steps=3,
    studies=1,
    learning_rate=0.1,
    data="lines",
)


def test_trains_and_publishes_at_the_width_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "find_recipe", lambda model: RECIPE)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["ccta_stage1", "--width", "5"])
    assert done.exit_code == 0, done.output
    assert "step 3/3" in done.output
    manifest, state = load_weights(tmp_path / "weights" / "ccta_stage1")
    assert state["weight"].shape == (5, 1)
    assert manifest.config == {"width": 5}
    assert manifest.training_command == "scanserve train ccta_stage1 --steps 3 --width 5 --seed 0 --studies 1"


@pytest.mark.parametrize("device", ["gpu", "cuda"])
def test_a_device_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch, device: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    done = CliRunner().invoke(app, ["ccta_stage1", "--device", device])
    assert getattr(done.exception, "code", None) == "device-unusable"
    assert repr(device) in str(done.exception)


def test_hosts_are_refused_where_nothing_uses_them(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["dat_denoise", "--hosts", str(tmp_path)])
    assert getattr(done.exception, "code", None) == "hosts-unused"


def test_a_budget_is_for_an_application(tmp_path: Path) -> None:
    for name, code in (("ccta_stage1", "budget-unused"), ("dat", "application-part-missing")):
        done = CliRunner().invoke(app, [name, "--budget", "1m", "--run", str(tmp_path)])
        assert getattr(done.exception, "code", None) == code


def test_networks_of_an_application_are_published_with_their_budget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def together(budget, progress, preparing):
        trainee = Trainee(RECIPE, budget.seed, budget.device, None)
        progress(1, int(budget.seconds), trainee.learn({"x": torch.ones(1, 1)}, 0, 1.0))
        return {RECIPE.model: (trainee, 1)}

    monkeypatch.setattr(ccta, "train_together", together)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["ccta", "--budget", "2m", "--studies", "4"])
    assert done.exit_code == 0, done.output
    manifest, _ = load_weights(tmp_path / "weights" / "ccta_stage1")
    assert (
        manifest.training_command
        == "scanserve train ccta --budget 2m --device cpu --width 2 --seed 0 --studies 4"
    )


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["ccta", "--budget", "1m", "--steps", "3"], "budget-alone"),
        (["ccta", "--budget", "1m", "--data", "x"], "budget-alone"),
        (["ccta", "--budget", "1m", "--publish-only"], "budget-alone"),
        (["ccta_stage1", "--data", "x", "--hosts", "y"], "hosts-unused"),
        (["ccta_stage1", "--keep-initial", "0.3"], "keep-without-start"),
        (["ccta_stage1", "--keep-initial", "1.3", "--start-from", "x"], "keep-invalid"),
    ],
)
def test_what_a_run_would_not_use_is_refused_before_it(arguments: list[str], code: str) -> None:
    done = CliRunner().invoke(app, arguments)
    assert getattr(done.exception, "code", None) == code
