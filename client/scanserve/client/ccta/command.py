"""``scanserve ccta``: a multi-phase study in, ranked phases, figures and a report out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scanserve.client.runs import options as shared

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from scanserve.client.ccta.result import Ranking, Result, VesselResult

__all__ = ["app"]

app = typer.Typer()


@app.command()
def ccta(
    study: shared.Study,
    out: Annotated[Path, typer.Option(help="Folder for result.json, report.html and figures/.")],
    server: shared.Server = None,
    model_repository: shared.ModelRepository = None,
    override_eligibility: Annotated[
        str | None, typer.Option(help="Analyse a study that is not eligible; the reason is recorded.")
    ] = None,
    force: shared.Force = False,
    tls: shared.Tls = False,
    tls_ca: shared.TlsCa = None,
    tls_cert: shared.TlsCert = None,
    tls_key: shared.TlsKey = None,
    timeout: shared.Timeout = 300.0,
    json: shared.Json = False,
) -> None:
    """Rank the cardiac phases of a coronary CT angiography study, per vessel and overall."""
    from rich.console import Console

    from scanserve.client.ccta.bars import PhaseBars
    from scanserve.client.ccta.run import Options, run
    from scanserve.client.runs.connection import connect_to
    from scanserve.client.transport import TLS
    from scanserve.contracts.ccta import CCTA

    console = Console(quiet=json)
    options = Options(study, out, override_eligibility, force)
    connect = connect_to(
        server, models=CCTA.models, repository=model_repository,
        tls=TLS.from_options(tls, tls_ca, tls_cert, tls_key), timeout_s=timeout,
    )  # fmt: skip
    with PhaseBars(console) as bars:
        result = run(options, connect, progress=bars)
    if json:
        typer.echo(result.to_json(), nl=False)
    else:
        _show(console, result, out)


def _show(console: Console, result: Result, out: Path) -> None:
    from rich.markup import escape

    console.print(_table(result))
    console.print(escape(f"Overall: {result.overall.explanation}"))
    for warning in result.warnings:
        console.print(escape(f"Note: {warning.message}"), style="yellow")
    console.print(f"{result.notice}", style="bold", markup=False)
    console.print(f"Report: {out / 'report.html'}", soft_wrap=True, markup=False, highlight=False)


def _table(result: Result) -> Table:
    from rich.table import Table

    table = Table(title="Best cardiac phase")
    for name in ("vessel", "best phase", "quality", "class", "next best", "note"):
        table.add_column(name, justify="right" if name in ("best phase", "quality", "next best") else "left")
    for vessel in result.vessels:
        table.add_row(*_row(vessel))
    table.add_section()
    best, second = _first_two(result.overall)
    table.add_row("overall", best, "", "", second, _note(result.overall))
    return table


def _row(vessel: VesselResult) -> tuple[str, ...]:
    best, second = _first_two(vessel.ranking)
    quality = next((entry.quality for entry in vessel.phases if entry.phase == best), None)
    if quality is None:
        reason = f"not found ({vessel.reason.code})" if vessel.reason else ""
        return vessel.vessel, "-", "-", "-", "-", reason
    return vessel.vessel, best, f"{quality.quality:.2f}", quality.quality_class, second, _note(vessel.ranking)


def _first_two(ranking: Ranking) -> tuple[str, str]:
    """The best phase and the next; "-" where there is none."""
    scored = [ranked.phase for ranked in ranking.order if ranked.score is not None]
    best, second, *_ = [*scored, "-", "-"]
    return best, second


def _note(ranking: Ranking) -> str:
    return f"nearly tied with {', '.join(ranking.near_ties)}" if ranking.near_ties else ""
