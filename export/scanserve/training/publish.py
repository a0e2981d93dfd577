"""Writes what a training run yields: weights, their manifest and a model card."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from torch import nn

from scanserve.contracts import NOT_FOR_DIAGNOSIS, find_model
from scanserve.networks.weights import Manifest, save_weights
from scanserve.training.loop import Options
from scanserve.training.recipe import Recipe

__all__ = ["publish"]

INTENDED_USE = (
    "Trying out and testing the software on synthetic phantoms. Not for patients, not for diagnosis."
)


def publish(recipe: Recipe, options: Options, network: nn.Module, trained: int, weights: Path) -> Path:
    """Validate the network and write ``weights/<model>/{model.safetensors, manifest.json, CARD.md}``.

    Returns:
        The folder written to.
    """
    folder = weights / recipe.model
    manifest = save_weights(
        folder,
        network.state_dict(),
        seed=options.seed,
        config=dict(recipe.config),
        data=_data(recipe, options) | {"steps": trained},
        metrics={name: round(value, 4) for name, value in recipe.validate(network, options.sources).items()},
        licence="Apache-2.0",
        intended_use=INTENDED_USE,
        training_command=_command(recipe, options, trained),
    )
    (folder / "CARD.md").write_text(_card(recipe, manifest), encoding="utf-8")
    return folder


def _data(recipe: Recipe, options: Options) -> dict[str, Any]:
    if options.sources.data is not None:
        return {"source": "annotated studies of the trainer's own"}
    return {"source": recipe.data, "training_studies": options.studies or recipe.studies}


def _command(recipe: Recipe, options: Options, trained: int) -> str:
    """The command that trains the same network; the name of a folder of patients is not told."""
    width = recipe.config.get("width")
    made_from = (
        f"--studies {options.studies or recipe.studies}" if options.sources.data is None else "--data DATA"
    )
    return (
        f"scanserve train {recipe.model} --width {width} --seed {options.seed} --steps {trained} {made_from}"
    )


def _card(recipe: Recipe, manifest: Manifest) -> str:
    template = files("scanserve.training").joinpath("card.md.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, keep_trailing_newline=True, trim_blocks=True
    )
    return environment.from_string(template).render(
        manifest=manifest,
        summary=find_model(recipe.model).summary,
        unlike=recipe.unlike,
        notice=NOT_FOR_DIAGNOSIS,
    )
