from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

torch = pytest.importorskip("torch")
from scanserve.networks.weights import load_weights  # noqa: E402
from scanserve.training import catalogue  # noqa: E402
from scanserve.training.command import app  # noqa: E402
from scanserve.training.recipe import Recipe  # noqa: E402

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
    assert manifest.training_command == "scanserve train ccta_stage1 --width 5 --seed 0 --steps 3 --studies 1"


def test_hosts_are_refused_where_nothing_uses_them(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["dat_denoise", "--hosts", str(tmp_path)])
    assert getattr(done.exception, "code", None) == "hosts-unused"
