"""One whole run: study in, output folder out.  What ``scanserve dat`` does, for callers from Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from scanserve.client.dat.describe import describe
from scanserve.client.dat.methods import DEFAULT, check_methods, denoiser_named, models_of
from scanserve.client.dat.privacy import deidentified
from scanserve.client.dat.result import KIND, Result
from scanserve.client.dat.series import SERIES, Restored, write_series
from scanserve.client.dat.taken import Taken, take
from scanserve.client.runs.connection import Connect
from scanserve.client.runs.figure import RenderedFigure
from scanserve.client.runs.output import Output
from scanserve.client.runs.provenance import Circumstances
from scanserve.client.runs.records import timing_of
from scanserve.client.runs.resilience import Infer
from scanserve.client.runs.steps import Analysed, analyse, carry_out
from scanserve.client.runs.timing import Stopwatch
from scanserve.contracts import ModelSpec

__all__ = ["SERIES", "Options", "restore", "run"]


@dataclass(frozen=True)
class Options:
    """What to restore, how and where to write; ``series`` is the number of the series, where several would do.

    With ``dicom`` the result is written as DICOM objects as well; with ``deidentify`` nothing that is written names the
    patient.

    Raises:
        InputError: code ``unknown-method`` or ``repeated-method``.
    """

    study: Path
    out: Path
    methods: tuple[str, ...] = (DEFAULT,)
    series: int | None = None
    force: bool = False
    dicom: bool = False
    deidentify: bool = False

    def __post_init__(self) -> None:
        check_methods(self.methods)


def run(options: Options, connect: Connect) -> Result:
    """Read, restore and write; the output folder appears whole at the end, or not at all.

    Args:
        options: what to restore, how and where to write.
        connect: as for :func:`restore`.

    Raises:
        ScanserveError: what the stages raise; nothing is written then.
    """
    return carry_out(DatSteps(options), connect)


def restore(options: Options, connect: Connect, folder: Path, stopwatch: Stopwatch | None = None) -> Result:
    """Read and restore; the DICOM objects go to ``series`` in ``folder``, and nothing else is written.

    Args:
        options: what to restore and how.
        connect: opens the connection to the server, once the study has been read and found good; it is not used where
            no method needs a server.
        folder: exists, and holds no ``series``.
        stopwatch: records the stages.

    Raises:
        ScanserveError: what the stages raise.
    """
    steps = DatSteps(options, stopwatch or Stopwatch())
    result, _ = steps.describe(analyse(steps, connect), folder)
    return result


@dataclass(frozen=True)
class DatSteps:
    """The steps of a restoration; see :class:`~scanserve.client.runs.steps.Steps`."""

    options: Options
    stopwatch: Stopwatch = field(default_factory=Stopwatch)
    has_timeline: bool = False

    @property
    def output(self) -> Output:
        """The output folder; the DICOM series in it is the application's own."""
        return Output(self.options.out, KIND, frozenset({SERIES}), self.options.force)

    @property
    def models(self) -> tuple[ModelSpec, ...]:
        """The models of the methods that were chosen."""
        return models_of(self.options.methods)

    def read(self) -> Taken:
        """Take the slices to restore out of the study."""
        with self.stopwatch.span("read"):
            return take(self.options.study, self.options.series)

    def analyse(self, taken: Taken, infer: Infer) -> tuple[Restored, ...]:
        """Restore the slices with every method."""
        return tuple(self._restore(method, taken, infer) for method in self.options.methods)

    def _restore(self, method: str, taken: Taken, infer: Infer) -> Restored:
        denoiser = denoiser_named(method, infer)
        with self.stopwatch.span(denoiser.title):
            return Restored(method, denoiser.title, denoiser(taken.slices))

    def describe(self, analysed: Analysed[Taken, tuple[Restored, ...]], folder: Path) -> tuple[Result, None]:
        """Write the DICOM objects; the figures show nothing beside the result."""
        created = datetime.now(timezone.utc)
        with self.stopwatch.span("series"):
            made_with = analysed.provenance
            written = write_series(
                analysed.study,
                analysed.found,
                folder,
                created,
                made_with.notice,
                [f"{model.name} {model.sha256 or model.version}" for model in made_with.models],
                deidentify=self.options.deidentify,
            )
        made = Circumstances(analysed.provenance, created, timing_of(self.stopwatch))
        result = describe(analysed.study, written, made)
        return (deidentified(result) if self.options.deidentify else result), None

    def figures(self, result: Result, views: None) -> list[RenderedFigure]:
        """All methods side by side, then each alone."""
        from scanserve.client.dat.figures import render_figures

        return render_figures(result)

    def objects(
        self,
        analysed: Analysed[Taken, tuple[Restored, ...]],
        result: Result,
        figures: Sequence[RenderedFigure],
        folder: Path,
    ) -> None:
        """Report and pictures as DICOM objects beside the restored series, where they are asked for."""
        if not self.options.dicom:
            return
        from scanserve.client.dat.objects import content_of
        from scanserve.client.dicom.write import write_objects

        with self.stopwatch.span("dicom"):
            content = content_of(result, analysed.study, figures, folder)
            write_objects(folder, content, deidentify=self.options.deidentify)

    def report(self, result: Result, figures: Sequence[RenderedFigure]) -> str:
        """The report as HTML."""
        from scanserve.client.dat.report import render_report

        return render_report(result, figures)
