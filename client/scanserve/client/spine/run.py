"""One whole run: study in, output folder out.  What ``scanserve spine`` does, for callers from Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from scanserve.client.runs.connection import Connect
from scanserve.client.runs.figure import RenderedFigure
from scanserve.client.runs.output import Output
from scanserve.client.runs.provenance import Circumstances
from scanserve.client.runs.records import timing_of
from scanserve.client.runs.resilience import Infer
from scanserve.client.runs.steps import Analysed, carry_out
from scanserve.client.runs.timing import Stopwatch
from scanserve.client.spine.describe import describe
from scanserve.client.spine.privacy import deidentified
from scanserve.client.spine.reader import FilmReader, Reading
from scanserve.client.spine.result import KIND, Correction, Result
from scanserve.client.spine.taken import Taken, take
from scanserve.contracts import InputError, ModelSpec
from scanserve.contracts.spine import DEFAULT_NETWORK, NETWORKS, PREPARE_GRAPH, SPINE
from scanserve.preprocessing.spine import PHOTOMETRIES, Photometry

__all__ = ["Found", "Options", "SpineSteps", "models_of", "run"]


@dataclass(frozen=True)
class Options:
    """What to measure, how and where to write.

    Attributes:
        study, out: folders.
        network: the model that reads.
        series: its number, where several films would do.
        pictures: whether PNG and JPEG files are films; ``aspect`` is how many times higher than wide a pixel is where
            the film does not say it.
        photometry: whether black and white are as the header says.
        corrections: an earlier ``result.json`` of the film, whose fixed corners are kept.
        force, dicom, deidentify: as for every application.

    Raises:
        InputError: code ``unknown-method``, ``unknown-photometry``, ``aspect-invalid``.
    """

    study: Path
    out: Path
    network: str = DEFAULT_NETWORK
    series: int | None = None
    pictures: bool = False
    aspect: float | None = None
    photometry: Photometry = "auto"
    corrections: Path | None = None
    force: bool = False
    dicom: bool = False
    deidentify: bool = False

    def __post_init__(self) -> None:
        if self.network not in NETWORKS:
            message = f"--network must be one of {', '.join(NETWORKS)} but is {self.network!r}."
            raise InputError("unknown-method", message)
        if self.photometry not in PHOTOMETRIES:
            message = f"--photometry must be one of {', '.join(PHOTOMETRIES)} but is {self.photometry!r}."
            raise InputError("unknown-photometry", message)
        if self.aspect is not None and not 0.1 <= self.aspect <= 10:
            raise InputError(
                "aspect-invalid", f"--pixel-aspect must be from 0.1 to 10 but is {self.aspect:g}."
            )


@dataclass(frozen=True, eq=False)
class Found:
    """What was read, and what readers did to it."""

    reading: Reading
    corrections: tuple[Correction, ...] = ()


def models_of(network: str) -> tuple[ModelSpec, ...]:
    """The served models that a run needs."""
    return PREPARE_GRAPH, SPINE.model(network)


def run(options: Options, connect: Connect) -> Result:
    """Read, measure and write; the output folder appears whole at the end, or not at all.

    Args:
        options: what to measure, how and where to write.
        connect: opens the connection to the server, once the study has been read and found good.

    Raises:
        ScanserveError: what the stages raise; nothing is written then.
    """
    return carry_out(SpineSteps(options), connect)


@dataclass(frozen=True)
class SpineSteps:
    """The steps of a run; see :class:`~scanserve.client.runs.steps.Steps`."""

    options: Options
    stopwatch: Stopwatch = field(default_factory=Stopwatch)
    has_timeline: bool = False

    @property
    def output(self) -> Output:
        """The output folder."""
        return Output(self.options.out, KIND, frozenset(), self.options.force)

    @property
    def models(self) -> tuple[ModelSpec, ...]:
        """The fixed graph and the network."""
        return models_of(self.options.network)

    def read(self) -> Taken:
        """Take the film to measure out of the study."""
        options = self.options
        with self.stopwatch.span("read"):
            return take(
                options.study,
                series=options.series,
                pictures=options.pictures,
                aspect=options.aspect,
                photometry=options.photometry,
                corrections=options.corrections,
            )

    def reader(self, taken: Taken, infer: Infer) -> FilmReader:
        """What reads the film."""
        return FilmReader(taken.square, taken.film.shape, SPINE.model(self.options.network), infer)

    def analyse(self, taken: Taken, infer: Infer) -> Found:
        """Find the spine, and read it closer."""
        with self.stopwatch.span("vertebrae"):
            reading = self.reader(taken, infer).read(taken.earlier.hints)
        return Found(reading, taken.earlier.corrections)

    def describe(self, analysed: Analysed[Taken, Found], folder: Path) -> tuple[Result, Taken]:
        """The result; its figures show the film beside it."""
        made = Circumstances(analysed.provenance, datetime.now(timezone.utc), timing_of(self.stopwatch))
        found = analysed.found
        result = describe(analysed.study, found.reading, self.options.network, found.corrections, made)
        return (deidentified(result) if self.options.deidentify else result), analysed.study

    def figures(self, result: Result, views: Taken) -> list[RenderedFigure]:
        """The overlay."""
        from scanserve.client.spine.figures import render_figures

        return render_figures(result, views.shown.image.values)

    def objects(
        self,
        analysed: Analysed[Taken, Found],
        result: Result,
        figures: Sequence[RenderedFigure],
        folder: Path,
    ) -> None:
        """Report, presentation state and pictures as DICOM objects, where they are asked for.

        Raises:
            InputError: code ``picture-no-objects``.
        """
        if not self.options.dicom:
            return
        from scanserve.client.dicom.write import write_objects
        from scanserve.client.spine.objects import content_of

        with self.stopwatch.span("dicom"):
            content = content_of(result, analysed.study, figures)
            write_objects(folder, content, deidentify=self.options.deidentify)

    def report(self, result: Result, figures: Sequence[RenderedFigure]) -> str:
        """The report as HTML."""
        from scanserve.client.spine.report import render_report

        return render_report(result, figures)
