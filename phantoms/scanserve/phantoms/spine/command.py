"""``scanserve phantom-spine``: write a synthetic frontal spine film."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Write a synthetic frontal spine film with the truth of its corners.")

__all__ = ["app"]


@app.command()
def phantom_spine(
    out: Annotated[Path, typer.Option("--out", help="New or empty folder for the study.")],
    seed: Annotated[
        int, typer.Option(help="Seed of the synthetic patient; the same seed gives the same study.")
    ] = 7,
    rows: Annotated[int, typer.Option(help="Rows of the film.", min=512, max=4300)] = 2400,
) -> None:
    """Write a synthetic frontal spine film (DICOM DX) and the places of 68 corners (truth.json)."""
    from rich.console import Console

    from scanserve.contracts import NOT_FOR_DIAGNOSIS
    from scanserve.phantoms.spine.study import write_study

    console = Console()
    with console.status("exposing the phantom"):
        write_study(out, seed, rows=rows)
    console.print(f"Study of seed {seed}, one film of {rows} rows: {out}", soft_wrap=True, markup=False)
    console.print(NOT_FOR_DIAGNOSIS)
