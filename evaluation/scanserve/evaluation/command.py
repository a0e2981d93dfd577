"""``scanserve evaluate``: score results against truths, as tables and as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from scanserve.evaluation import application
    from scanserve.evaluation.application import Report
    from scanserve.evaluation.studies import Pairs

__all__ = ["app"]

app = typer.Typer()

Truth = Annotated[
    Path, typer.Argument(help="truth.json, or the folder of its study, or a folder of studies.")
]
Result = Annotated[
    Path, typer.Argument(help="result.json, or its folder, or a folder of results, matched by name.")
]
Json = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(help="Write the full report as JSON to this file; - prints only the JSON."),
]


@app.command()
def evaluate(truth: Truth, result: Result, json: Json = None) -> None:
    """Score RESULT against TRUTH; the result names its application.

    To make phantom studies of an application and score them in one step, use `scanserve perf accuracy APP`.
    """
    from rich.console import Console

    from scanserve.evaluation.application import application_of, find_evaluate
    from scanserve.evaluation.studies import find_pairs

    target = _target(json)
    pairs = find_pairs(truth, result)
    name = application_of(pairs.studies)
    report = _evaluated(find_evaluate(name), pairs, Console(stderr=True))
    text = _json(name, report, pairs)
    if json == "-":
        typer.echo(text, nl=False)
        return
    if target:
        target.write_text(text, encoding="utf-8")
    _show(Console(), report, pairs)


def _target(json: str | None) -> Path | None:
    """The file to write, checked before any work starts."""
    from scanserve.contracts import InputError

    if json in (None, "-"):
        return None
    target = Path(json)
    if target.is_dir() or not target.parent.is_dir():
        raise InputError("json-not-writable", f"--json must be a file in an existing folder but is {target}.")
    return target


def _evaluated(evaluate: application.Evaluate, pairs: Pairs, console: Console) -> Report:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("studies"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=len(pairs.studies))
        return evaluate(pairs.studies, lambda done, of: bar.update(task, completed=done, total=of))


def _json(name: str, report: Report, pairs: Pairs) -> str:
    import json
    from importlib.metadata import version

    from scanserve.contracts import NOT_FOR_DIAGNOSIS
    from scanserve.contracts.layouts import EVALUATION_KIND, EVALUATION_VERSION

    content = {
        "kind": EVALUATION_KIND,
        "schema_version": EVALUATION_VERSION,
        "notice": NOT_FOR_DIAGNOSIS,
        "scanserve_version": version("scanserve"),
        "application": name,
        "studies_without_result": [pair.name for pair in pairs.studies if pair.result is None],
        "results_without_truth": list(pairs.without_truth),
        **report.as_dict(),
    }
    return json.dumps(content, indent=1, allow_nan=False) + "\n"


def _show(console: Console, report: Report, pairs: Pairs) -> None:
    from scanserve.evaluation.screen import show_report

    show_report(console, report.tables(), (*_unmatched(pairs), *report.notes()))


def _unmatched(pairs: Pairs) -> list[str]:
    missing = [pair.name for pair in pairs.studies if pair.result is None]
    notes = [f"Studies without a result, counted as missed: {', '.join(missing)}."] if missing else []
    if pairs.without_truth:
        notes.append(f"Results without a truth, left out: {', '.join(pairs.without_truth)}.")
    return notes
