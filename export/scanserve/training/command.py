"""``scanserve train``: train one network on phantoms and write its weights, manifest and card."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from torch import nn

    from scanserve.training.options import TrainingOptions
    from scanserve.training.recipe import Data, Recipe, Sources

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True)

Model = Annotated[
    str,
    typer.Argument(help="The network to train, e.g. ccta_stage1; with --budget an application, e.g. ccta."),
]
Run = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option(help="Checkpoints and TensorBoard events. Default: runs/MODEL."),
]
Cache = Annotated[Path, typer.Option(help="Folder in which phantom samples are kept between runs.")]
Weights = Annotated[
    Path,
    typer.Option(
        help="Folder for the trained weights (MODEL/); networks that this one builds on are read from it."
    ),
]
DataText = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        metavar="[KIND:]FOLDER",
        help=(
            "Studies to train on: annotated ones under train/ and validation/, or a data set, such as "
            "imagecas:FOLDER. Default: phantoms."
        ),
    ),
]
HostsFolder = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option(
        "--hosts",
        help="Real CTs into which phantom vessels are laid, with hosts.json (docs/training.md). Default: none.",
    ),
]
Steps = Annotated[Optional[int], typer.Option(help="Optimizer steps. Default: the recipe's.", min=1)]  # noqa: UP045
Studies = Annotated[Optional[int], typer.Option(help="Phantom studies. Default: the recipe's.", min=1)]  # noqa: UP045
Width = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option(
        help="Channels of the first stage. Default: as in the committed weights, sized for a CPU.", min=1
    ),
]
Seed = Annotated[int, typer.Option(help="Seed of initial weights and of every sample.")]
Device = Annotated[str, typer.Option(help="cpu or cuda.")]
StartFrom = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option(
        help="Start from the network in MODEL/ of this folder (not --weights) instead of random weights."
    ),
]
KeepInitial = Annotated[
    float,
    typer.Option(help="Share of the initial weights (--start-from) that the written weights keep, 0 to 1."),
]
BudgetText = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--budget",
        metavar="DURATION",
        help="Train the networks of an application together within this time, e.g. 25m, samples included.",
    ),
]
PublishOnly = Annotated[bool, typer.Option(help="Do not train; write the weights of the last checkpoint.")]


@app.command()
def train(
    model: Model,
    run: Run = None,
    cache: Cache = Path(".cache/training"),
    weights: Weights = Path("weights"),
    data: DataText = None,
    hosts: HostsFolder = None,
    steps: Steps = None,
    studies: Studies = None,
    width: Width = None,
    seed: Seed = 0,
    device: Device = "cpu",
    start_from: StartFrom = None,
    keep_initial: KeepInitial = 0.0,
    budget: BudgetText = None,
    publish_only: PublishOnly = False,
) -> None:
    """Train MODEL on phantoms or annotated studies, and write its weights and card.

    You can stop a run at any time: the next call continues from the last checkpoint.
    """
    from rich.console import Console

    from scanserve.contracts import InputError
    from scanserve.training.options import TrainingOptions
    from scanserve.training.publish import publish
    from scanserve.training.recipe import Sources

    folder, console = run or Path("runs") / model, Console()
    begin: dict[str, Any] = {"start_from": start_from, "keep_initial": keep_initial, "budget": budget}
    _check_begin(start_from, keep_initial)
    _check_device(device)
    if data is not None and hosts is not None:
        raise InputError(
            "hosts-unused", "--hosts must be left out with --data: annotated studies need no backgrounds."
        )
    if budget is not None:
        _check_alone(data=data, steps=steps, publish_only=publish_only or None)
        sources = _with_hosts(Sources(cache, weights), model, hosts)
        options = TrainingOptions(folder, sources, seed, None, studies, device, **begin)
        _train_together(model, options, width, console)
        return
    recipe = _recipe(model, width)
    sources = _with_hosts(Sources.of(cache, weights, _data(model, data, cache, console)), model, hosts)
    options = TrainingOptions(folder, sources, seed, steps, studies, device, **begin)
    trained = _restored(recipe, options) if publish_only else _trained(recipe, options, console)
    written = publish(recipe, options, *trained, weights)
    console.print(f"Weights, manifest and card: {written}")


def _check_begin(start_from: Path | None, keep_initial: float) -> None:
    """Refuse before a long run what would be refused after it."""
    from scanserve.contracts import InputError

    if keep_initial and start_from is None:
        raise InputError(
            "keep-without-start", "--keep-initial must be used with --start-from but that is missing."
        )
    if keep_initial and not 0 < keep_initial < 1:
        raise InputError("keep-invalid", f"--keep-initial must be between 0 and 1 but is {keep_initial}.")


def _check_device(device: str) -> None:
    """Refuse a device that is not there before any sample is made."""
    import torch

    from scanserve.contracts import InputError

    if device not in ("cpu", "cuda"):
        raise InputError("device-unusable", f"--device must be cpu or cuda but is {device!r}.")
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError(
            "device-unusable", "--device must be cpu here but is 'cuda': PyTorch finds no CUDA device."
        )


def _check_alone(**others: object) -> None:
    """Refuse options that a run within a budget would not use."""
    from scanserve.contracts import InputError

    given = ", ".join(f"--{name.replace('_', '-')}" for name, value in others.items() if value is not None)
    if given:
        raise InputError("budget-alone", f"--budget must be used without {given}.")


def _train_together(application: str, options: TrainingOptions, width: int | None, console: Console) -> None:
    """Train the networks of an application within a budget, and publish each.

    Raises:
        InputError: codes ``budget-invalid``, ``budget-unused`` and those of :func:`~scanserve.contracts.part`.
    """
    from scanserve.contracts import part
    from scanserve.training.budget import Budget, seconds_of
    from scanserve.training.progress import followed
    from scanserve.training.publish import publish

    _no_network(application)
    train = part("training", application, "train_together").train_together
    common = (options.device, options.seed, width, options.studies, options.start_from)
    with followed(console) as (preparing, progress):
        budget = Budget(options.run, options.sources, seconds_of(options.budget or ""), *common)
        trained = train(budget, progress, preparing)
    for trainee, steps in trained.values():
        network = trainee.average.cpu().eval()
        written = publish(trainee.recipe, options, network, steps, options.sources.weights)
        console.print(f"{trainee.recipe.model}, {steps} steps: {written}")


def _no_network(name: str) -> None:
    from scanserve.contracts import InputError, all_models, owner_of

    if any(model.name == name for model in all_models()):
        application = owner_of(name).name
        raise InputError(
            "budget-unused", f"--budget must be used with {application}, not with its network {name}."
        )


def _recipe(model: str, width: int | None) -> Recipe:
    """The recipe of ``model``, with another width if given."""
    from scanserve.training.catalogue import find_recipe

    recipe = find_recipe(model)
    return recipe if width is None else replace(recipe, config={**recipe.config, "width": width})


def _data(model: str, text: str | None, cache: Path, console: Console) -> Data | None:
    """The studies that ``--data`` names, as the model's application opens them; what was noticed is shown."""
    from scanserve.contracts import owner_of, part
    from scanserve.training.progress import followed
    from scanserve.training.recipe import Data

    if text is None:
        return None
    open_data = getattr(part("training", owner_of(model).name), "open_data", None)
    if open_data is None:
        return Data(Path(text))
    with followed(console) as (preparing, _):
        data: Data = open_data(text, cache, preparing)
    for note in data.notes:
        console.print(note, highlight=False, markup=False, soft_wrap=True)
    return data


def _with_hosts(sources: Sources, model: str, hosts: Path | None) -> Sources:
    """``sources`` with the real volumes that ``--hosts`` names.

    Raises:
        InputError: code ``hosts-unused`` if the model's application has no use for them, and its own.
    """
    from scanserve.contracts import APPLICATIONS, InputError, owner_of, part

    if hosts is None:
        return sources
    application = model if model in {known.name for known in APPLICATIONS} else owner_of(model).name
    title_of = getattr(part("training", application), "hosts_title", None)
    if title_of is None:
        raise InputError(
            "hosts-unused", f"--hosts must be left out for {model}: it does not use real volumes."
        )
    return replace(sources, hosts=hosts, hosts_title=title_of(hosts))


def _restored(recipe: Recipe, options: TrainingOptions) -> tuple[nn.Module, int]:
    from scanserve.training.loop import restore

    return restore(recipe, options)


def _trained(recipe: Recipe, options: TrainingOptions, console: Console) -> tuple[nn.Module, int]:
    from scanserve.training.loop import train
    from scanserve.training.precision import measured
    from scanserve.training.progress import followed

    console.print(f"Arithmetic: {measured(options.device)}.")
    with followed(console) as (preparing, progress):
        return train(recipe, options, progress, preparing)
