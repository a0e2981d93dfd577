"""One whole run: study in, output folder out.  What ``scanserve ccta`` does, for callers from Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from scanserve.client.runs.output import Output
from scanserve.client.runs.progress import Progress, silent
from scanserve.client.runs.steps import Analysed, carry_out
from scanserve.client.runs.timing import Stopwatch
from scanserve.contracts import InputError, ModelSpec
from scanserve.contracts.ccta import CCTA

if TYPE_CHECKING:
    from scanserve.client.ccta.analysis import Analysis
    from scanserve.client.ccta.result import Result
    from scanserve.client.ccta.views import Views
    from scanserve.client.runs.connection import Connect
    from scanserve.client.runs.figure import RenderedFigure
    from scanserve.client.runs.resilience import Infer
    from scanserve.preprocessing import Study, Wishes

__all__ = ["Options", "run"]


@dataclass(frozen=True)
class Options:
    """What to analyse and where to write.

    Attributes:
        study: folder with the DICOM files.
        out: folder to write to.
        override: the reason for analysing an ineligible study.
        force: whether an earlier result is overwritten.
        series: the only series to look at, by number, UID or a part of the description; empty for all.
        without_series: series not to look at.
        strict: whether a phase that cannot be analysed costs the others.
        dicom: whether the result is written as DICOM objects as well.
        deidentify: whether nothing that is written names the patient.

    Raises:
        InputError: code ``override-reason`` when the reason is blank.
    """

    study: Path
    out: Path
    override: str | None = None
    force: bool = False
    series: tuple[str, ...] = ()
    without_series: tuple[str, ...] = ()
    strict: bool = False
    dicom: bool = False
    deidentify: bool = False

    def __post_init__(self) -> None:
        if self.override is not None and not self.override.strip():
            raise InputError("override-reason", "--override-eligibility must say why in words but is blank.")

    @property
    def wishes(self) -> Wishes:
        """What is asked for of the study."""
        from scanserve.preprocessing import Wishes

        return Wishes(self.series, self.without_series, unfit=self.override is not None)


def run(options: Options, connect: Connect, *, progress: Progress | None = None) -> Result:
    """Read, analyse and write; the output folder appears whole at the end, or not at all.

    Args:
        options: what to analyse and where to write.
        connect: opens the connection to the server, while the study's headers are read.
        progress: is told how far everything is.

    Raises:
        ScanserveError: what the stages raise; nothing is written then.
    """
    return carry_out(CctaSteps(options, progress or silent), connect)


@dataclass(frozen=True)
class CctaSteps:
    """The steps of an analysis; see :class:`~scanserve.client.runs.steps.Steps`."""

    options: Options
    progress: Progress
    stopwatch: Stopwatch = field(default_factory=Stopwatch)
    models: ClassVar[tuple[ModelSpec, ...]] = CCTA.models
    has_timeline: ClassVar[bool] = True

    @property
    def output(self) -> Output:
        """The output folder."""
        return Output(self.options.out, CCTA.result_kind, force=self.options.force)

    def read(self) -> Study:
        """Read the headers, and refuse what no server could help."""
        from scanserve.client.ccta.phases import SCANNED, check_phases
        from scanserve.preprocessing import read_study

        def headers_read(done: int, count: int) -> None:
            self.progress("", "headers", SCANNED * done / max(count, 1))

        with self.stopwatch.span("scan"):
            study = read_study(self.options.study, progress=headers_read, wishes=self.options.wishes)
        check_phases(study, strict=self.options.strict)
        self.progress("", "server", SCANNED)
        return study

    def analyse(self, study: Study, infer: Infer) -> Analysis:
        """Every phase, then the quality of what was found in them."""
        from scanserve.client.ccta.analysis import analyze

        return analyze(
            study,
            infer,
            override=self.options.override,
            strict=self.options.strict,
            stopwatch=self.stopwatch,
            progress=self.progress,
        )

    def describe(self, analysed: Analysed[Study, Analysis], folder: Path) -> tuple[Result, Views]:
        """Decide which phases are best, and say so."""
        from scanserve.client.ccta.decision import decide
        from scanserve.client.ccta.describe import describe, views_of
        from scanserve.client.ccta.privacy import deidentified
        from scanserve.client.runs.provenance import Circumstances
        from scanserve.client.runs.records import timing_of

        analysis = analysed.found
        decision = decide(analysis, self.stopwatch)
        now = datetime.now(timezone.utc)
        made = Circumstances(analysed.provenance, now, timing_of(self.stopwatch))
        result = describe(analysis, decision, made)
        return (deidentified(result) if self.options.deidentify else result), views_of(analysis, decision)

    def figures(self, result: Result, views: Views) -> list[RenderedFigure]:
        """Quality by phase, each vessel, the best of phases, and the projections."""
        from scanserve.client.ccta.figures import render_figures

        return render_figures(result, views)

    def objects(
        self,
        analysed: Analysed[Study, Analysis],
        result: Result,
        figures: Sequence[RenderedFigure],
        folder: Path,
    ) -> None:
        """Report, centerlines, segmentations and pictures as DICOM objects, where they are asked for."""
        if not self.options.dicom:
            return
        from scanserve.client.ccta.objects import content_of
        from scanserve.client.dicom.write import write_objects

        with self.stopwatch.span("dicom"):
            content = content_of(result, analysed.found, figures)
            write_objects(folder, content, deidentify=self.options.deidentify)

    def report(self, result: Result, figures: Sequence[RenderedFigure]) -> str:
        """The report as HTML."""
        from scanserve.client.ccta.report import render_report

        return render_report(result, figures)
