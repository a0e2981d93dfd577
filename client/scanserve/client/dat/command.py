"""``scanserve dat``: a short ioflupane SPECT study in, restored slices, figures and a report out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scanserve.client.runs import options as shared

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from scanserve.client.dat.result import Result

__all__ = ["app"]

app = typer.Typer()


@app.command()
def dat(
    study: shared.Study,
    out: Annotated[Path, typer.Option(help="Folder for result.json, report.html, figures/ and series/.")],
    network: Annotated[
        list[str] | None,
        typer.Option(
            help="dat_denoise (default), another dat_ model, gaussian or bilateral; may be repeated."
        ),
    ] = None,
    series: Annotated[
        int | None, typer.Option(help="Number of the series to restore, where the study holds several.")
    ] = None,
    server: shared.Server = None,
    model_repository: shared.ModelRepository = None,
    force: shared.Force = False,
    tls: shared.Tls = False,
    tls_ca: shared.TlsCa = None,
    tls_cert: shared.TlsCert = None,
    tls_key: shared.TlsKey = None,
    timeout: shared.Timeout = 300.0,
    json: shared.Json = False,
) -> None:
    """Restore a short I-123 ioflupane (DaTSCAN) brain SPECT toward a long acquisition."""
    from rich.console import Console

    from scanserve.client.dat.methods import DEFAULT, models_of
    from scanserve.client.dat.run import Options, run
    from scanserve.client.runs.connection import connect_to
    from scanserve.client.transport import TLS

    console = Console(quiet=json)
    options = Options(study, out, tuple(network or (DEFAULT,)), series, force)
    connect = connect_to(
        server, models=models_of(options.methods), repository=model_repository,
        tls=TLS.from_options(tls, tls_ca, tls_cert, tls_key), timeout_s=timeout,
    )  # fmt: skip
    with console.status("restoring"):
        result = run(options, connect)
    if json:
        typer.echo(result.to_json(), nl=False)
    else:
        _show(console, result, out)


def _show(console: Console, result: Result, out: Path) -> None:
    from rich.markup import escape

    console.print(_table(result))
    for warning in (*result.warnings, *(one for made in result.restorations for one in made.warnings)):
        console.print(escape(f"Note: {warning.message}"), style="yellow")
    console.print(f"{result.notice}", style="bold", markup=False)
    console.print(f"Report: {out / 'report.html'}", soft_wrap=True, markup=False, highlight=False)


def _table(result: Result) -> Table:
    from rich.table import Table

    frames = result.selected.frames
    table = Table(title=f"Slices {frames[0]} to {frames[-1]}, restored")
    table.add_column("method")
    table.add_column("counts in the head", justify="right")
    table.add_column("DICOM")
    for one in result.restorations:
        table.add_row(one.title, f"{one.counts_change:+.1%}", one.file)
    return table
