"""``scanserve phantom-brain``: write a synthetic ioflupane SPECT study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Write a synthetic ioflupane SPECT study of 5 and 25 minutes with its truth.")

__all__ = ["app"]


@app.command()
def phantom_brain(
    out: Annotated[Path, typer.Option("--out", help="New or empty folder for the study.")],
    seed: Annotated[
        int, typer.Option(help="Seed of the synthetic patient; the same seed gives the same study.")
    ] = 7,
) -> None:
    """Write a synthetic I-123 ioflupane brain SPECT study (DICOM NM) and its truth (truth.json)."""
    from rich.console import Console

    from scanserve.contracts import NOT_FOR_DIAGNOSIS
    from scanserve.phantoms.dat.study import write_study

    console = Console()
    with console.status("scanning the phantom"):
        write_study(out, seed)
    console.print(f"Study of seed {seed}, 5 and 25 minutes: {out}", soft_wrap=True, markup=False)
    console.print(NOT_FOR_DIAGNOSIS)
