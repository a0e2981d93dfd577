"""``scanserve ccta``: a multi-phase study in, ranked phases, figures and a report out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scanserve.client.runs.options import CommonOptions, Study, with_common_options

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from scanserve.client.ccta.result import Ranking, Result, VesselResult

__all__ = ["app"]

app = typer.Typer()


@app.command()
@with_common_options
def ccta(
    study: Study,
    out: Annotated[Path, typer.Option(help="Folder for result.json, report.html and figures/.")],
    override_eligibility: Annotated[
        str | None, typer.Option(help="Analyse a study that is not eligible; the reason is recorded.")
    ] = None,
    *,
    common: CommonOptions,
) -> None:
    """Rank the cardiac phases of a coronary CT angiography study, per vessel and overall."""
    from scanserve.client.ccta.run import Options, run
    from scanserve.client.runs.bars import ProgressBars
    from scanserve.client.runs.screen import Screen
    from scanserve.contracts.ccta import CCTA

    screen = Screen(common.json)
    options = Options(study, out, override_eligibility, common.force)
    connect = common.connect(CCTA.models)
    with ProgressBars(screen.console, whole="all phases") as bars:
        result = run(options, connect, progress=bars)
    screen.show(result, _answer(result), result.warnings, out)


def _answer(result: Result) -> list[RenderableType]:
    from rich.markup import escape

    return [_table(result), escape(f"Overall: {result.overall.explanation}")]


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
