"""``scanserve phantom``: write a synthetic study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Write a synthetic multi-phase coronary CT angiography study with its truth.")

__all__ = ["app"]


@app.command()
def phantom(
    out: Annotated[Path, typer.Option("--out", help="New or empty folder for the study.")],
    phases: Annotated[
        int, typer.Option(help="Number of cardiac phases, equally spaced from 0 % of R-R.")
    ] = 10,
    seed: Annotated[
        int, typer.Option(help="Which synthetic patient; the same seed gives the same study.")
    ] = 7,
    small: Annotated[
        bool, typer.Option("--small", help="208 x 208 x 128 voxels instead of 512 x 512 x 256.")
    ] = False,
    ranges: Annotated[
        str, typer.Option(help="Which population: plain, training (varied) or test (more varied still).")
    ] = "plain",
    into: Annotated[
        Path | None, typer.Option(help="DICOM folder of a real CT (one phase) to lay the coronaries into.")
    ] = None,
    at: Annotated[
        tuple[float, float, float] | None,
        typer.Option(metavar="X Y Z", help="About the middle of that CT's heart, LPS mm; found without it."),
    ] = None,
) -> None:
    """Write a synthetic multi-phase coronary CT angiography study (DICOM) and its truth (truth.json)."""
    from rich.console import Console

    from scanserve.contracts import NOT_FOR_DIAGNOSIS
    from scanserve.phantoms.ccta.ranges import ranges_named
    from scanserve.phantoms.ccta.study import SMALL_SHAPE, SMALL_SPACING, write_study

    console = Console()
    shape, spacing = (SMALL_SHAPE, SMALL_SPACING) if small else (None, None)
    population = ranges_named(ranges)
    host = _host(into, at)
    with _bar(console) as bar:
        task = bar.add_task("phases", total=phases)
        write_study(
            out, seed, phases, shape=shape, spacing=spacing, ranges=population, host=host,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )  # fmt: skip
    console.print(f"Study of seed {seed} ({ranges}), {phases} phases: {out}")
    console.print(NOT_FOR_DIAGNOSIS)


def _host(into: Path | None, at: tuple[float, float, float] | None):
    from scanserve.contracts import InputError

    if into is None:
        if at is not None:
            raise InputError("at-without-into", "--at must come with --into but came alone.")
        return None
    from scanserve.phantoms.ccta.transplant import read_host

    return read_host(into, at)


def _bar(console):
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )
