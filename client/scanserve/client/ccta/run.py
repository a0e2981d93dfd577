"""One whole run: study in, output folder out.  What ``scanserve ccta`` does, for callers from Python."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from scanserve.client.ccta.analysis import SCANNED, Analysis, Progress, analyze, check_phases, silent
from scanserve.client.ccta.assemble import Origin, assemble
from scanserve.client.ccta.result import KIND, Result
from scanserve.client.runs import output
from scanserve.client.runs.connection import Connect, Connection
from scanserve.client.runs.output import Output
from scanserve.client.runs.provenance import describe_models, describe_server
from scanserve.client.runs.records import timing_of
from scanserve.client.runs.timing import Stopwatch
from scanserve.contracts import InputError
from scanserve.contracts.ccta import CCTA
from scanserve.preprocessing import Study, read_study

__all__ = ["Options", "run"]


@dataclass(frozen=True)
class Options:
    """What to analyse and where to write; ``override`` is the reason for analysing an ineligible study.

    Raises:
        InputError: code ``override-reason`` when the reason is blank.
    """

    study: Path
    out: Path
    override: str | None = None
    force: bool = False

    def __post_init__(self) -> None:
        if self.override is not None and not self.override.strip():
            raise InputError("override-reason", "--override-eligibility must say why in words but is blank.")


def run(options: Options, connect: Connect, *, progress: Progress | None = None) -> Result:
    """Read, analyse and write; the output folder appears whole at the end, or not at all.

    Args:
        options: what to analyse and where to write.
        connect: opens the connection to the server, once the study's headers have been read and found good.
        progress: is told how far everything is.

    Raises:
        ScanserveError: what the stages raise; nothing is written then.
    """
    _output(options).check()
    stopwatch, progress = Stopwatch(), progress or silent
    study = _scan(options, stopwatch, progress)
    with ExitStack() as stack:
        progress("", "server", SCANNED)
        with stopwatch.span("server start"):
            connection = stack.enter_context(connect())
            origin = _origin(connection)
        analysis = analyze(
            study, connection.client, connection.wait_ready, override=options.override, stopwatch=stopwatch,
            progress=progress,
        )  # fmt: skip
        with stopwatch.span("server stop"):
            stack.close()
    return _write(options, study, analysis, origin, stopwatch)


def _output(options: Options) -> Output:
    return Output(options.out, KIND, force=options.force)


def _scan(options: Options, stopwatch: Stopwatch, progress: Progress) -> Study:
    """Read the headers, and refuse what no server could help."""
    with stopwatch.span("scan"):
        study = read_study(
            options.study, progress=lambda done, of: progress("", "headers", SCANNED * done / max(of, 1))
        )
    check_phases(study)
    return study


def _origin(connection: Connection) -> Origin:
    return Origin(
        describe_server(connection.client, embedded=connection.embedded),
        describe_models(connection.client, CCTA.models, connection.repository),
    )


def _write(
    options: Options, study: Study, analysis: Analysis, origin: Origin, stopwatch: Stopwatch
) -> Result:
    from scanserve.client.ccta.figures import render_figures, render_waterfall
    from scanserve.client.ccta.report import render_report

    result, views = assemble(study, analysis, origin, stopwatch, options.override)
    with _output(options).writing() as folder:
        with stopwatch.span("figures"):
            figures = render_figures(result, views)
        result = result.model_copy(update={"timing": timing_of(stopwatch)})
        figures.append(render_waterfall(result.timing.spans))
        (folder / output.FIGURES).mkdir()
        for figure in figures:
            (folder / output.FIGURES / f"{figure.name}.png").write_bytes(figure.png)
        (folder / output.REPORT).write_text(render_report(result, figures), encoding="utf-8")
        (folder / output.RESULT).write_text(result.to_json(), encoding="utf-8")
    return result
