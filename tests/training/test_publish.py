from __future__ import annotations

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts import InputError  # noqa: E402
from scanserve.networks.weights import load_weights  # noqa: E402
from scanserve.training.options import TrainingOptions  # noqa: E402
from scanserve.training.publish import publish  # noqa: E402
from scanserve.training.recipe import Recipe, Sources  # noqa: E402

pytestmark = pytest.mark.torch


def _recipe(network: torch.nn.Module, **metrics: float) -> Recipe:
    return Recipe(
        model="ccta_stage1",
        config={"width": 8},
        build=lambda config: network,
        samples=None,
        loss=None,
        validate=lambda model, cache: metrics,
        steps=7,
        studies=3,
        learning_rate=1.0,
        data="none",
        unlike="Ears",
    )


def test_weights_manifest_and_card_agree(tmp_path: Path) -> None:
    network = torch.nn.Conv3d(1, 1, 1)
    recipe = _recipe(network, validation_dice=0.5)
    folder = publish(
        recipe, TrainingOptions(tmp_path, Sources(tmp_path, tmp_path), seed=4), network, 7, tmp_path
    )
    manifest, state = load_weights(folder)
    assert torch.equal(state["weight"], network.weight)
    assert manifest.metrics == {"validation_dice": 0.5}
    card = (folder / "CARD.md").read_text()
    assert manifest.sha256 in card
    assert manifest.trained_on == ("synthetic phantoms",)
    assert manifest.notice in card
    assert "0.5" in card
    assert "Ears differ from the phantoms" in card
    assert json.loads((folder / "manifest.json").read_text())["training_command"].startswith(
        "scanserve train"
    )


def test_weights_that_were_started_from_are_told_and_never_overwritten(tmp_path: Path) -> None:
    network = torch.nn.Conv3d(1, 1, 1)
    recipe = _recipe(network)
    plain = TrainingOptions(tmp_path, Sources(tmp_path, tmp_path))
    first, _ = load_weights(publish(recipe, plain, network, 7, tmp_path / "first"))
    options = TrainingOptions(tmp_path, Sources(tmp_path, tmp_path), start_from=tmp_path / "first")
    manifest, _ = load_weights(publish(recipe, options, network, 7, tmp_path / "second"))
    assert manifest.data["started_from"] == first.sha256
    assert "--start-from" in manifest.training_command
    with pytest.raises(InputError) as raised:
        publish(recipe, options, network, 7, tmp_path / "first")
    assert raised.value.code == "start-overwritten"
    assert load_weights(tmp_path / "first" / "ccta_stage1")[0] == first


def test_real_backgrounds_are_cited_and_their_folder_is_not(tmp_path: Path) -> None:
    network = torch.nn.Conv3d(1, 1, 1)
    sources = Sources(tmp_path, tmp_path, hosts=tmp_path / "secret", hosts_title="vessels in 2 CTs (A; B)")
    folder = publish(_recipe(network), TrainingOptions(tmp_path, sources), network, 7, tmp_path)
    manifest, _ = load_weights(folder)
    assert manifest.data["source"].endswith("; vessels in 2 CTs (A; B)")
    assert manifest.trained_on == ("synthetic phantoms", "vessels in 2 CTs")
    assert manifest.training_command.endswith("--hosts HOSTS")
    assert "secret" not in (folder / "manifest.json").read_text() + (folder / "CARD.md").read_text()


def test_annotated_data_and_the_data_of_the_initial_weights_are_named(tmp_path: Path) -> None:
    network = torch.nn.Conv3d(1, 1, 1)
    sources = Sources(tmp_path, tmp_path, tmp_path, "annotated CT of ImageCAS (1,000 cases)", "imagecas:DATA")
    annotated = TrainingOptions(tmp_path, sources)
    manifest, _ = load_weights(publish(_recipe(network), annotated, network, 7, tmp_path / "first"))
    assert manifest.trained_on == ("annotated CT of ImageCAS",)
    later = TrainingOptions(tmp_path, Sources(tmp_path, tmp_path), start_from=tmp_path / "first")
    manifest, _ = load_weights(publish(_recipe(network), later, network, 7, tmp_path / "second"))
    assert manifest.trained_on == ("annotated CT of ImageCAS", "synthetic phantoms")
