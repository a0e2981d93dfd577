"""The skeleton of a run: the steps of an application, in the order that all applications share.

    check      the output folder may be written; nothing else has been done yet
    connect    to a running server or to one of our own, if the application needs models, in a thread of its own
    read       the study meanwhile, and refuse what no server could help; a refusal cancels the server's start
    analyse    the study, from its first image on while the server still starts; the server goes when this is done
    describe   what was found, as the result; the application's own files go to the output folder
    figures    of the result
    objects    the same in DICOM, where that is asked for
    report     result and figures on one page
    write      the output folder appears whole, or not at all

An application writes a class with the steps (:class:`Steps`), and its ``run`` is ``carry_out(steps, connect)``.

A server takes seconds to start, and the libraries of a run most of a second to load.  So this module imports at its top
only what is needed until the connection is on its way, and an application whose studies are large does the same
(``ccta/run.py``): its steps import what they need.

Symbols: S the study as it was read, F what was found in it, R its result, V what the figures show beside that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import numpy.typing as npt

from scanserve.client.runs.early import Opening
from scanserve.client.runs.output import FIGURES, REPORT, RESULT, Output
from scanserve.client.runs.timing import Stopwatch
from scanserve.contracts import ModelSpec

if TYPE_CHECKING:
    from scanserve.client.runs.connection import Connect, Connection
    from scanserve.client.runs.figure import RenderedFigure
    from scanserve.client.runs.provenance import Provenance
    from scanserve.client.runs.records import ResultRecord, Timing
    from scanserve.client.runs.resilience import Infer

__all__ = ["Analysed", "Steps", "analyse", "carry_out", "write_out"]

S = TypeVar("S")
F = TypeVar("F")
V = TypeVar("V")
R = TypeVar("R", bound="ResultRecord")


@dataclass(frozen=True)
class Analysed(Generic[S, F]):
    """A study, what was found in it, and which server and models found it."""

    study: S
    found: F
    provenance: Provenance


class Steps(Protocol[S, F, R, V]):
    """The steps of one run of one application."""

    @property
    def output(self) -> Output:
        """The folder to write to."""

    @property
    def models(self) -> Sequence[ModelSpec]:
        """The served models that this run needs; where there are none no server is asked for."""

    @property
    def stopwatch(self) -> Stopwatch:
        """Records where the time goes."""

    @property
    def has_timeline(self) -> bool:
        """Whether a figure of where the time went follows the others."""

    def read(self) -> S:
        """Read the study; refuse what cannot be analysed, whatever the server does meanwhile."""

    def analyse(self, study: S, infer: Infer) -> F:
        """Find what there is to find; ``infer`` runs a model and outlives one death of the server."""

    def describe(self, analysed: Analysed[S, F], folder: Path) -> tuple[R, V]:
        """The result, and what its figures show beside it; the application's own files go to ``folder``."""

    def figures(self, result: R, views: V) -> list[RenderedFigure]:
        """The figures, in the order of the report."""

    def objects(
        self, analysed: Analysed[S, F], result: R, figures: Sequence[RenderedFigure], folder: Path
    ) -> None:
        """Write the result as DICOM objects to ``folder``, where that is asked for."""

    def report(self, result: R, figures: Sequence[RenderedFigure]) -> str:
        """The report as HTML."""


def carry_out(steps: Steps[S, F, R, V], connect: Connect) -> R:
    """Carry out a whole run; the output folder appears whole at the end, or not at all.

    Args:
        steps: of the application.
        connect: opens the connection to the server, while the study is read.

    Raises:
        ScanserveError: what the steps raise; nothing is written then.
    """
    with steps.output.held():
        return write_out(steps, analyse(steps, connect))


def write_out(steps: Steps[S, F, R, V], analysed: Analysed[S, F]) -> R:
    """The second half of a run, after :func:`analyse`; the output folder appears whole, or not at all."""
    with steps.output.writing() as folder:
        return _fill(folder, steps, analysed)


def _fill(folder: Path, steps: Steps[S, F, R, V], analysed: Analysed[S, F]) -> R:
    """Write everything about what was found to ``folder``."""
    from scanserve.client.runs.records import timing_of

    result, views = steps.describe(analysed, folder)
    with steps.stopwatch.span("figures"):
        figures = steps.figures(result, views)
    steps.objects(analysed, result, figures, folder)
    timing = timing_of(steps.stopwatch)
    result = result.timed(timing)
    if steps.has_timeline:
        figures.append(_timeline(timing, result.notice))
    _write(folder, result, figures, steps.report(result, figures))
    return result


def analyse(steps: Steps[S, F, R, V], connect: Connect) -> Analysed[S, F]:
    """The first half of a run, which writes nothing; see :func:`carry_out`."""
    if not steps.models:
        return _without_server(steps)
    with Opening(connect, _asking(steps.models), steps.stopwatch) as opening:
        study = steps.read()
        opening.check()
        found = steps.analyse(study, opening.infer)
        provenance = opening.answer
        with steps.stopwatch.span("server stop"):
            opening.close()
    return Analysed(study, found, provenance)


def _asking(specs: Sequence[ModelSpec]) -> Callable[[Connection], Provenance]:
    """What asks a connection for the provenance of results of ``specs``; it is not loaded before there is one."""

    def ask(connection: Connection) -> Provenance:
        from scanserve.client.runs.provenance import provenance_of

        return provenance_of(connection, specs=specs)

    return ask


def _without_server(steps: Steps[S, F, R, V]) -> Analysed[S, F]:
    from scanserve.client.runs.provenance import Provenance

    study = steps.read()
    return Analysed(study, steps.analyse(study, _no_server), Provenance())


def _no_server(spec: ModelSpec, inputs: Mapping[str, npt.NDArray]) -> dict[str, npt.NDArray]:
    raise AssertionError(f"{spec.name} needs a server, but the steps name no models")


def _timeline(timing: Timing, notice: str) -> RenderedFigure:
    from scanserve.client.runs.timeline import render_timeline

    return render_timeline(timing.spans, notice)


def _write(folder: Path, result: ResultRecord, figures: Sequence[RenderedFigure], report: str) -> None:
    (folder / FIGURES).mkdir()
    for figure in figures:
        (folder / FIGURES / f"{figure.name}.png").write_bytes(figure.png)
    (folder / REPORT).write_text(report, encoding="utf-8")
    (folder / RESULT).write_text(result.to_json(), encoding="utf-8")
