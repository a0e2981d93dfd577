"""One whole run: study in, output folder out.  What ``scanserve dat`` does, for callers from Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import numpy.typing as npt

from scanserve.client.dat import result as schema
from scanserve.client.dat.counts import counts_change, counts_findings
from scanserve.client.dat.denoiser import Slices
from scanserve.client.dat.methods import DEFAULT, check_methods, denoiser_named, models_of
from scanserve.client.dat.network import Infer
from scanserve.client.dat.nmseries import Derived, derive
from scanserve.client.runs import output
from scanserve.client.runs.connection import Connect, Connection
from scanserve.client.runs.output import Output
from scanserve.client.runs.provenance import describe_models, describe_server
from scanserve.client.runs.records import (
    Model,
    Server,
    findings_of,
    own_version,
    skipped_of,
    timing_of,
)
from scanserve.client.runs.resilience import infer_surviving
from scanserve.client.runs.timing import Stopwatch
from scanserve.contracts import NOT_FOR_DIAGNOSIS, ModelSpec
from scanserve.preprocessing import Skipped, Tomogram, read_tomograms
from scanserve.preprocessing.dat import (
    Selection,
    check_acquisition,
    choose_short,
    notes_on,
    select_slices,
)

__all__ = ["SERIES", "Options", "restore", "run"]

#: Folder of the DICOM objects in the output.
SERIES = "series"


@dataclass(frozen=True)
class Options:
    """What to restore, how and where to write; ``series`` is the number of the series, where several would do.

    Raises:
        InputError: code ``unknown-method`` or ``repeated-method``.
    """

    study: Path
    out: Path
    methods: tuple[str, ...] = (DEFAULT,)
    series: int | None = None
    force: bool = False

    def __post_init__(self) -> None:
        check_methods(self.methods)

    @property
    def output(self) -> Output:
        """The output folder."""
        return Output(self.out, schema.KIND, frozenset({SERIES}), self.force)


@dataclass(frozen=True, eq=False)
class _Taken:
    """What was read of the study: the tomogram, its selection, and the slices (5, 64, 64), 0..1."""

    study_uid: str
    tomogram: Tomogram
    selection: Selection
    slices: Slices
    skipped: tuple[Skipped, ...]


def run(options: Options, connect: Connect) -> schema.Result:
    """Read, restore and write; the output folder appears whole at the end, or not at all.

    Args:
        options: what to restore, how and where to write.
        connect: as for :func:`restore`.

    Raises:
        ScanserveError: what the stages raise; nothing is written then.
    """
    from scanserve.client.dat.figures import render_figures
    from scanserve.client.dat.report import render_report

    stopwatch = Stopwatch()
    with options.output.writing() as folder:
        result = restore(options, connect, folder, stopwatch)
        with stopwatch.span("figures"):
            figures = render_figures(result)
        result = result.model_copy(update={"timing": timing_of(stopwatch)})
        (folder / output.FIGURES).mkdir()
        for figure in figures:
            (folder / output.FIGURES / f"{figure.name}.png").write_bytes(figure.png)
        (folder / output.REPORT).write_text(render_report(result, figures), encoding="utf-8")
        (folder / output.RESULT).write_text(result.to_json(), encoding="utf-8")
    return result


def restore(
    options: Options, connect: Connect, folder: Path, stopwatch: Stopwatch | None = None
) -> schema.Result:
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
    stopwatch = stopwatch or Stopwatch()
    with stopwatch.span("read"):
        taken = _take(options)
    server, models, restored = _restore(options.methods, taken.slices, connect, stopwatch)
    now = datetime.now(timezone.utc)
    (folder / SERIES).mkdir()
    with stopwatch.span("series"):
        restorations = [
            _restoration(folder, taken, name, number, *made, now)
            for number, (name, made) in enumerate(restored.items(), start=1)
        ]
    return _result(taken, restorations, (server, models), stopwatch, now)


def _take(options: Options) -> _Taken:
    study = read_tomograms(options.study)
    tomogram = choose_short(study.tomograms, options.series)
    check_acquisition(tomogram)
    counts = tomogram.load()
    selection = select_slices(counts)
    return _Taken(study.study_instance_uid, tomogram, selection, selection.cut(counts), study.skipped)


def _restore(
    methods: Sequence[str], slices: Slices, connect: Connect, stopwatch: Stopwatch
) -> tuple[Server | None, list[Model], dict[str, tuple[str, Slices]]]:
    """The server and models used, and per method its title and what it made."""
    specs = models_of(methods)
    with ExitStack() as stack:
        server: Server | None = None
        models: list[Model] = []
        infer: Infer = _no_server
        if specs:
            with stopwatch.span("server start"):
                connection = stack.enter_context(connect())
                server = describe_server(connection.client, embedded=connection.embedded)
                models = describe_models(connection.client, specs, connection.repository)
            infer = _infer(connection)
        restored = {}
        for name in methods:
            denoiser = denoiser_named(name, infer)
            with stopwatch.span(denoiser.title):
                restored[name] = denoiser.title, denoiser(slices)
        if specs:
            with stopwatch.span("server stop"):
                stack.close()
    return server, models, restored


def _infer(connection: Connection) -> Infer:
    """A request that outlives one death of the server."""

    def send(spec: ModelSpec, inputs: Mapping[str, npt.NDArray]) -> dict[str, npt.NDArray]:
        return infer_surviving(connection.client, spec, inputs, connection.wait_ready)

    return send


def _restoration(
    folder: Path, taken: _Taken, method: str, number: int, title: str, slices: Slices, now: datetime
) -> schema.Restoration:
    """Write the DICOM object of one method, and describe what it made."""
    counts = taken.selection.put_back(slices, taken.tomogram.shape[1:])
    derived = Derived(title, method == "gaussian", number, own_version())
    ds = derive(taken.tomogram, counts, taken.selection.first, derived, now)
    file = f"{SERIES}/{method}.dcm"
    ds.save_as(folder / file, enforce_file_format=True)
    change = counts_change(taken.slices, slices)
    return schema.Restoration(
        method=method,
        title=title,
        image=schema.Image.from_array(slices),
        counts_change=round(change, 5),
        warnings=findings_of(counts_findings(title, change)),
        file=file,
        series_instance_uid=ds.SeriesInstanceUID,
        sop_instance_uid=ds.SOPInstanceUID,
    )


def _result(
    taken: _Taken,
    restorations: list[schema.Restoration],
    origin: tuple[Server | None, list[Model]],
    stopwatch: Stopwatch,
    now: datetime,
) -> schema.Result:
    selection = taken.selection
    return schema.Result(
        notice=NOT_FOR_DIAGNOSIS,
        scanserve_version=own_version(),
        created=now,
        study=_study(taken),
        selected=schema.Selected(
            frames=[index + 1 for index in selection.indices],
            row=selection.row,
            column=selection.column,
            scales=list(selection.scales),
        ),
        input=schema.Image.from_array(taken.slices),
        restorations=restorations,
        warnings=findings_of(notes_on(taken.tomogram)),
        server=origin[0],
        models=origin[1],
        timing=timing_of(stopwatch),
    )


def _study(taken: _Taken) -> schema.StudyInfo:
    one = taken.tomogram
    return schema.StudyInfo(
        study_instance_uid=taken.study_uid,
        series_instance_uid=one.series_uid,
        sop_instance_uid=one.sop_uid,
        series_number=one.series_number,
        shape=one.shape,
        pixel_mm=one.spacing_mm[1:],
        slice_mm=one.spacing_mm[0],
        orientation=one.orientation,
        minutes=None if one.minutes is None else round(one.minutes, 3),
        files=1,
        skipped=skipped_of(taken.skipped),
    )


def _no_server(spec: ModelSpec, inputs: Mapping[str, npt.NDArray]) -> dict[str, npt.NDArray]:
    raise AssertionError(f"{spec.name} needs a server, which models_of must have said")
