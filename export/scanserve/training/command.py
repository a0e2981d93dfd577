"""``scanserve train``: train one network on phantoms and write its weights, manifest and card."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)


@app.command()
def train(
    model: Annotated[str, typer.Argument(help="The network to train, e.g. ccta_stage1.")],
    run: Annotated[
        Path | None, typer.Option(help="Checkpoints and TensorBoard events. Default: runs/MODEL.")
    ] = None,
    cache: Annotated[Path, typer.Option(help="Where phantom samples are kept between runs.")] = Path(
        ".cache/training"
    ),
    weights: Annotated[
        Path,
        typer.Option(
            help="Where the trained weights go, under MODEL/; networks this one builds on are read there."
        ),
    ] = Path("weights"),
    data: Annotated[
        Path | None,
        typer.Option(help="Annotated studies to train on, under train/ and validation/. Default: phantoms."),
    ] = None,
    steps: Annotated[int | None, typer.Option(help="Optimizer steps. Default: the recipe's.", min=1)] = None,
    studies: Annotated[
        int | None, typer.Option(help="Phantom studies. Default: the recipe's.", min=1)
    ] = None,
    width: Annotated[
        int | None,
        typer.Option(
            help="Channels of the first stage. Default: the one that ships, sized for a CPU.", min=1
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of initial weights and of every sample.")] = 0,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    start_from: Annotated[
        Path | None,
        typer.Option(
            help="Begin with the network in this folder's MODEL/ (another than --weights), not at random."
        ),
    ] = None,
    publish_only: Annotated[
        bool, typer.Option(help="Do not train: write the weights of the checkpoint.")
    ] = False,
) -> None:
    """Train MODEL on phantoms or annotated studies, or go on from its last checkpoint; write weights and card.

    Stop it at any time: the next call goes on where the last checkpoint was written.
    """
    from rich.console import Console

    from scanserve.training.catalogue import find_recipe
    from scanserve.training.loop import TrainingOptions, restore
    from scanserve.training.loop import train as run_training
    from scanserve.training.progress import followed
    from scanserve.training.publish import publish
    from scanserve.training.recipe import Sources

    recipe = find_recipe(model)
    if width is not None:
        recipe = replace(recipe, config={**recipe.config, "width": width})
    options = TrainingOptions(
        run or Path("runs") / model,
        Sources(cache, weights, data),
        seed,
        steps,
        studies,
        device,
        start_from=start_from,
    )
    if publish_only:
        network, trained = restore(recipe, options)
    else:
        with followed(Console()) as (preparing, progress):
            network, trained = run_training(recipe, options, progress, preparing)
    folder = publish(recipe, options, network, trained, weights)
    Console().print(f"Weights, manifest and card: {folder}")
