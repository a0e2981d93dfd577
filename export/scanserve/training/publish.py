"""Writing of the outcome of a training run: weights, manifest and model card."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from torch import nn

from scanserve.contracts import InputError, owner_of
from scanserve.networks.card import CARD_FILE, render_card
from scanserve.networks.manifest import read_manifest
from scanserve.networks.weights import save_weights
from scanserve.training.options import TrainingOptions
from scanserve.training.recipe import Recipe
from scanserve.training.trainee import blended

__all__ = ["publish"]

INTENDED_USE = (
    "Trying out and testing the software on synthetic phantoms. Not for patients, not for diagnosis."
)

#: What networks are trained on where no data are named.
PHANTOMS = "synthetic phantoms"


def publish(
    recipe: Recipe, options: TrainingOptions, network: nn.Module, trained: int, weights: Path
) -> Path:
    """Validate the network; write weights, manifest and card into ``weights/<model>``, and return that folder.

    Raises:
        InputError: code ``start-overwritten``.
    """
    folder = weights / recipe.model
    if options.start_from is not None and (options.start_from / recipe.model).resolve() == folder.resolve():
        raise InputError(
            "start-overwritten",
            "the initial weights must not be overwritten but are where the trained weights would be written.",
        )
    if options.keep_initial and options.start_from is not None:
        network = blended(recipe, network, options.start_from, options.keep_initial)
    manifest = save_weights(
        folder,
        network.state_dict(),
        seed=options.seed,
        config=dict(recipe.config),
        data=_data(recipe, options) | {"steps": trained},
        metrics=_metrics(recipe, options, network),
        licence="Apache-2.0",
        intended_use=INTENDED_USE,
        training_command=_command(recipe, options, trained),
        commit=_commit(),
        trained_on=_trained_on(recipe, options),
    )
    (folder / CARD_FILE).write_text(render_card(manifest), encoding="utf-8")
    return folder


def _metrics(recipe: Recipe, options: TrainingOptions, network: nn.Module) -> dict[str, float]:
    found = recipe.validate(network, options.sources)
    return {name: round(value, 4) for name, value in found.items()}


def _trained_on(recipe: Recipe, options: TrainingOptions) -> tuple[str, ...]:
    """The sources of the data, those of the initial weights first; what a title has in brackets is for the card."""
    sources = options.sources
    titles = [PHANTOMS, sources.hosts_title] if sources.data is None else [sources.data_title]
    named = [title.split(" (")[0] for title in titles if title]
    initial = (
        () if options.start_from is None else read_manifest(options.start_from / recipe.model).trained_on
    )
    return tuple(dict.fromkeys([*initial, *named]))


def _data(recipe: Recipe, options: TrainingOptions) -> dict[str, Any]:
    made: dict[str, Any] = {"source": options.sources.data_title}
    if options.sources.data is None:
        made = {
            "source": _source(recipe, options),
            "training_studies": options.studies or recipe.studies,
            "unlike": recipe.unlike,
        }
    if options.start_from is not None:
        made["started_from"] = read_manifest(options.start_from / recipe.model).sha256
    if options.keep_initial:
        made["kept_of_start"] = options.keep_initial
    return made


def _source(recipe: Recipe, options: TrainingOptions) -> str:
    """What the network was trained on, with the real volumes if there are any."""
    if options.sources.hosts is None:
        return f"{recipe.data}; no patient data"
    return f"{recipe.data}; {options.sources.hosts_title}"


def _command(recipe: Recipe, options: TrainingOptions, trained: int) -> str:
    """The command that trains the same network, without the name of a folder with patient data."""
    what = f"{recipe.model} --steps {trained}"
    if options.budget is not None:
        what = f"{owner_of(recipe.model).name} --budget {options.budget} --device {options.device}"
    if options.sources.data is None:
        made_from = f"--studies {options.studies or recipe.studies}"
    else:
        made_from = f"--data {options.sources.data_option}"
    if options.sources.hosts is not None:
        made_from += " --hosts HOSTS"
    start = "" if options.start_from is None else " --start-from WEIGHTS"
    if options.keep_initial:
        start += f" --keep-initial {options.keep_initial}"
    return f"scanserve train {what} --width {recipe.config.get('width')} --seed {options.seed} {made_from}{start}"


def _commit() -> str | None:
    """The commit of the training code, with ``+changes`` if the code differs from it; None outside git."""
    code = Path(__file__).parent
    try:
        commit = _git(code, "rev-parse", "HEAD")
        return f"{commit}+changes" if _git(code, "status", "--porcelain", "--", "*.py") else commit
    except (OSError, subprocess.CalledProcessError):
        return None


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
