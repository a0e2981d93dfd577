"""``scanserve check``: a study in, the acceptance rules and the verdict out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from scanserve.client.runs.options import Study

if TYPE_CHECKING:
    from rich.table import Table

    from scanserve.client.check.acceptance import Acceptance
    from scanserve.preprocessing.acceptance import Judgement

__all__ = ["app"]

app = typer.Typer()

#: How an outcome is shown.
_STYLES = {"refused": "bold red", "warning": "yellow", "question": "cyan", "met": "dim"}


@app.command()
def check(
    study: Study,
    json: Annotated[
        bool, typer.Option("--json", help="Print the findings as JSON, and nothing else.")
    ] = False,
) -> None:
    """Judge a study by the acceptance rules, without a server; exit status 3 where it is refused."""
    from scanserve.client.check.acceptance import check_study, to_json
    from scanserve.contracts import NOT_FOR_DIAGNOSIS, EligibilityError

    accepted = check_study(study)
    if json:
        typer.echo(to_json(accepted), nl=False)
    else:
        _show(accepted)
        typer.echo(NOT_FOR_DIAGNOSIS)
    if all(item.verdict == "refused" for item in accepted):
        raise typer.Exit(EligibilityError.exit_status)


def _show(accepted: list[Acceptance]) -> None:
    from rich.console import Console

    console = Console()
    for item in accepted:
        console.print(_table(item))
        console.print(f"Verdict: {item.verdict}.", style="bold", markup=False)


def _table(item: Acceptance) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=item.title, title_justify="left")
    for name in ("outcome", "finding", "limit", "code"):
        table.add_column(name)
    for finding in item.findings:
        cells = (finding.outcome, _told(finding), finding.limit, finding.code)
        table.add_row(*map(escape, cells), style=_STYLES[finding.outcome])
    return table


def _told(finding: Judgement) -> str:
    """The finding with where it came from."""
    sure = f" (confidence: {finding.confidence})" if finding.confidence else ""
    source = "; ".join(filter(None, (", ".join(finding.tags), finding.where)))
    return finding.message + sure + (f"\nfrom {source}" if source else "")
