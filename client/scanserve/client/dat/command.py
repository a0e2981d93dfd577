"""``scanserve dat``: a short ioflupane SPECT study in, restored slices, figures and a report out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from scanserve.client.dat.result import Result

__all__ = ["app"]

app = typer.Typer()


@app.command()
def dat(
    study: Annotated[Path, typer.Argument(help="Folder with the study's DICOM files, of any shape.")],
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
    server: Annotated[
        str | None, typer.Option(help="HOST:PORT (gRPC) of a running server; without it one is started.")
    ] = None,
    model_repository: Annotated[
        Path | None, typer.Option(help="Models to serve; with --server, only to name their hashes.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an earlier result in --out.")] = False,
    tls: Annotated[bool, typer.Option("--tls", help="Use TLS; implied by the other TLS options.")] = False,
    tls_ca: Annotated[Path | None, typer.Option(help="PEM of the authority to trust.")] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="PEM of this client's certificate (mTLS).")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="PEM of this client's key (mTLS).")] = None,
    timeout: Annotated[float, typer.Option(help="Seconds that one request may take.")] = 300.0,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON, and nothing else.")] = False,
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
