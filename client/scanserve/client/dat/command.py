"""``scanserve dat``: a short ioflupane SPECT study in, restored slices, figures and a report out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scanserve.client.runs.options import CommonOptions, Study, with_common_options

if TYPE_CHECKING:
    from rich.table import Table

    from scanserve.client.dat.result import Result

__all__ = ["app"]

app = typer.Typer()

Networks = Annotated[
    list[str] | None,
    typer.Option(help="dat_denoise (default), another dat_ model, gaussian or bilateral; may be repeated."),
]


@app.command()
@with_common_options
def dat(
    study: Study,
    out: Annotated[Path, typer.Option(help="Folder for result.json, report.html, figures/ and series/.")],
    network: Networks = None,
    series: Annotated[
        int | None, typer.Option(help="Number of the series to restore, where the study holds several.")
    ] = None,
    *,
    common: CommonOptions,
) -> None:
    """Restore a short I-123 ioflupane (DaTSCAN) brain SPECT toward a long acquisition."""
    from scanserve.client.dat.methods import DEFAULT, models_of
    from scanserve.client.dat.run import Options, run
    from scanserve.client.runs.screen import Screen

    screen = Screen(common.json)
    options = Options(
        study, out, tuple(network or (DEFAULT,)), series, common.force, common.dicom, common.deidentify
    )
    connect = common.connect(models_of(options.methods))
    with screen.console.status("restoring"):
        result = run(options, connect)
    screen.show(result, [_table(result)], result.all_warnings, out)


def _table(result: Result) -> Table:
    from rich.table import Table

    frames = result.selected.frames
    table = Table(title=f"Slices {frames[0]} to {frames[-1]}, restored")
    table.add_column("method")
    table.add_column("counts in the head", justify="right")
    table.add_column("DICOM")
    for restoration in result.restorations:
        table.add_row(restoration.title, f"{restoration.counts_change:+.1%}", restoration.file)
    return table
