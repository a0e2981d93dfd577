"""``scanserve phantom``: write a synthetic study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Write a synthetic multi-phase coronary CT angiography study with its truth.")

__all__ = ["app"]


Out = Annotated[Path, typer.Option("--out", help="New or empty folder for the study.")]
Phases = Annotated[
    str,
    typer.Option(
        metavar="N or FROM-TO/STEP",
        help="Number of cardiac phases, equally spaced from 0 % of R-R, or a part of the beat, such as 30-80/5.",
    ),
]
Seed = Annotated[int, typer.Option(help="Seed of the synthetic patient; the same seed gives the same study.")]
Small = Annotated[bool, typer.Option("--small", help="208 x 208 x 128 voxels instead of 512 x 512 x 256.")]
Population = Annotated[
    str, typer.Option(help="Population: plain, training (varied) or test (even more varied).")
]
Into = Annotated[
    Path | None, typer.Option(help="DICOM folder of a real CT (one phase) in which to place the coronaries.")
]
At = Annotated[
    tuple[float, float, float] | None,
    typer.Option(
        metavar="X Y Z",
        help="Approximate middle of the heart in that CT, LPS mm. Default: found automatically.",
    ),
]


Unenhanced = Annotated[
    bool,
    typer.Option("--unenhanced", help="That CT has no contrast medium: only its heart's outline is used."),
]


@app.command()
def phantom(
    out: Out,
    phases: Phases = "10",
    seed: Seed = 7,
    small: Small = False,
    ranges: Population = "plain",
    into: Into = None,
    at: At = None,
    unenhanced: Unenhanced = False,
) -> None:
    """Write a synthetic multi-phase coronary CT angiography study (DICOM) and its truth (truth.json)."""
    from rich.console import Console

    from scanserve.contracts import NOT_FOR_DIAGNOSIS
    from scanserve.phantoms.ccta.ranges import ranges_named
    from scanserve.phantoms.ccta.study import SMALL, phase_percents, phases_in_words, write_study

    console = Console()
    population, host, grid = ranges_named(ranges), _host(into, at, unenhanced), SMALL if small else None
    total = len(phase_percents(phases))
    with _bar(console) as bar:
        task = bar.add_task("phases", total=total)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        write_study(out, seed, phases, grid=grid, ranges=population, host=host, progress=show)
    console.print(f"Study of seed {seed} ({ranges}), {phases_in_words(phases)}: {out}")
    console.print(NOT_FOR_DIAGNOSIS)


def _host(into: Path | None, at: tuple[float, float, float] | None, unenhanced: bool):
    from scanserve.contracts import InputError

    if into is None:
        if at is not None or unenhanced:
            given = "--at" if at is not None else "--unenhanced"
            raise InputError("at-without-into", f"{given} must come with --into but came alone.")
        return None
    from scanserve.phantoms.ccta.transplant import read_host

    return read_host(into, at, unenhanced=unenhanced)


def _bar(console):
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )
