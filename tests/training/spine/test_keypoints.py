from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts.spine import NETWORKS  # noqa: E402
from scanserve.training.loop import TrainingOptions, train  # noqa: E402
from scanserve.training.recipe import Sources  # noqa: E402
from scanserve.training.spine import RECIPES  # noqa: E402
from scanserve.training.spine.seeds import VALIDATION  # noqa: E402

pytestmark = pytest.mark.torch


@pytest.fixture
def two_films(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanserve.training.spine.filmbank.VALIDATION", replace(VALIDATION, films=1))
    monkeypatch.setattr("scanserve.training.spine.validation.ROWS", 500)


def test_both_networks_are_trained_alike() -> None:
    assert set(RECIPES) == set(NETWORKS)
    assert {(recipe.steps, recipe.learning_rate, recipe.studies) for recipe in RECIPES.values()} == {
        (12_000, 1e-3, 4000)
    }


@pytest.mark.parametrize("model", NETWORKS)
def test_a_few_steps_train_and_validate(model: str, tmp_path: Path, two_films: None) -> None:
    recipe = RECIPES[model]
    recipe = replace(recipe, config={**recipe.config, "width": 4}, steps=3, studies=2)
    sources = Sources(tmp_path / "cache", tmp_path)
    network, steps = train(recipe, TrainingOptions(tmp_path / "run", sources))
    assert steps == 3
    metrics = recipe.validate(network, sources)
    assert metrics["validation_mre_0_clicks_px"] > metrics["validation_mre_2_clicks_px"]
    assert 0 <= metrics["validation_level_shift_share"] <= 1


def test_heat_maps_are_learned(tmp_path: Path) -> None:
    """On two films seen again and again the loss falls below that of empty maps."""
    recipe = replace(
        RECIPES["spine_unet"], config={"width": 6, "gate": 1}, steps=60, studies=2, learning_rate=4e-3
    )
    seen: list[float] = []
    train(
        recipe,
        TrainingOptions(tmp_path / "run", Sources(tmp_path / "cache", tmp_path)),
        lambda step, steps, terms: seen.append(terms["maps"]),
    )
    assert sum(seen[-5:]) < 0.95 * sum(seen[:5])
