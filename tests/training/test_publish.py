from __future__ import annotations

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts import NOT_FOR_DIAGNOSIS  # noqa: E402
from scanserve.networks.weights import load_weights  # noqa: E402
from scanserve.training.loop import Options  # noqa: E402
from scanserve.training.publish import publish  # noqa: E402
from scanserve.training.recipe import Recipe, Sources  # noqa: E402

pytestmark = pytest.mark.torch


def test_weights_manifest_and_card_agree(tmp_path: Path) -> None:
    network = torch.nn.Conv3d(1, 1, 1)
    recipe = Recipe(
        model="ccta_stage1", config={"width": 8}, build=lambda config: network, samples=None, loss=None,
        validate=lambda model, cache: {"validation_dice": 0.5}, steps=7, studies=3, learning_rate=1.0, data="none",
        unlike="Ears",
    )  # fmt: skip
    folder = publish(recipe, Options(tmp_path, Sources(tmp_path, tmp_path), seed=4), network, 7, tmp_path)
    manifest, state = load_weights(folder)
    assert torch.equal(state["weight"], network.weight)
    assert manifest.metrics == {"validation_dice": 0.5}
    card = (folder / "CARD.md").read_text()
    assert manifest.sha256 in card
    assert NOT_FOR_DIAGNOSIS in card
    assert "0.5" in card
    assert "Ears differ from the phantoms" in card
    assert json.loads((folder / "manifest.json").read_text())["training_command"].startswith(
        "scanserve train"
    )
