"""``scanserve ccta``: a multi-phase study in, ranked phases, figures and a report out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from scanserve.client.runs.options import CommonOptions, Study, with_common_options

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from scanserve.client.ccta.result import LeftOut, Ranking, Result, VesselResult
    from scanserve.client.ccta.run import Options

__all__ = ["app"]

app = typer.Typer()


@app.command()
@with_common_options
def ccta(
    study: Study,
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Folder for result.json, report.html and figures/; not needed with --list."),
    ] = None,
    override_eligibility: Annotated[
        str | None, typer.Option(help="Analyse a study that is not eligible; the reason is recorded.")
    ] = None,
    series: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(help="Look at this series only: number, UID or a part of its description; repeatable."),
    ] = None,
    without_series: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            help="Do not look at this series: number, UID or a part of its description; repeatable."
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse a study of which a phase cannot be analysed.")
    ] = False,
    only_list: Annotated[
        bool, typer.Option("--list", help="Say what the study holds and what would be analysed, and end.")
    ] = False,
    *,
    common: CommonOptions,
) -> None:
    """Rank the cardiac phases of a coronary CT angiography study, per vessel and overall."""
    from scanserve.client.ccta.run import Options
    from scanserve.contracts import InputError

    if out is None and not only_list:
        raise InputError("out-missing", "the result needs a folder: name it with --out.")
    options = Options(
        study=study,
        out=out or Path(),
        override=override_eligibility,
        force=common.force,
        series=tuple(series or ()),
        without_series=tuple(without_series or ()),
        strict=strict,
        dicom=common.dicom,
        deidentify=common.deidentify,
    )
    _list(options, common) if only_list else _run(options, common)


def _list(options: Options, common: CommonOptions) -> None:
    from rich.markup import escape

    from scanserve.client.ccta.listing import list_study
    from scanserve.client.runs.bars import ProgressBars
    from scanserve.client.runs.screen import Screen

    screen = Screen(common.json)
    with ProgressBars(screen.console, whole="headers") as bars:
        listing = list_study(options.study, options.wishes, progress=bars)
    if common.json:
        typer.echo(listing.to_json(), nl=False)
        return
    screen.console.print(listing.table())
    for line in listing.lines():
        screen.console.print(escape(line))


def _run(options: Options, common: CommonOptions) -> None:
    from scanserve.client.ccta.run import run
    from scanserve.client.runs.bars import ProgressBars
    from scanserve.client.runs.screen import Screen
    from scanserve.contracts.ccta import CCTA

    screen = Screen(common.json)
    connect = common.connect(CCTA.models)
    with ProgressBars(screen.console, whole="all phases") as bars:
        result = run(options, connect, progress=bars)
    screen.show(result, _answer(result), result.warnings, options.out)


def _answer(result: Result) -> list[RenderableType]:
    from rich.markup import escape

    overall = f"Overall: {result.overall.explanation}"
    return [_table(result), *(escape(line) for line in (overall, *_left_out(result)))]


def _left_out(result: Result) -> list[str]:
    """What was found and not analysed, a line for each series and reason.

    Lost phases are among the warnings already, and what the user did not ask for is no news.
    """
    groups: dict[tuple[int | None, str, str], list[LeftOut]] = {}
    for item in result.study.left_out:
        code = item.reasons[0].code
        if not item.phase_lost and code != "not-selected":
            groups.setdefault((item.series_number, item.kind, code), []).append(item)
    return [_line(items) for items in groups.values()]


def _line(items: list[LeftOut]) -> str:
    first, slices = items[0], sum(item.slices for item in items)
    series = "series without a number" if first.series_number is None else f"series {first.series_number}"
    stacks = "" if len(items) == 1 else f" in {len(items)} stacks"
    reason = first.reasons[0]
    return f"Left out: {series} ({first.kind}, {slices} slices{stacks}): {reason.message.rstrip('.')} [{reason.code}]."


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
