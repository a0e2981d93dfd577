"""``scanserve perf``: run a load profile, list profiles, run the benchmarks, measure accuracy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scanserve.contracts import ResultError
from scanserve.perf.compare import ASSUMED_NOISE

if TYPE_CHECKING:
    from scanserve.perf.analyzer import Measurement
    from scanserve.perf.networks import Variant

__all__ = ["STUDIES", "app"]

app = typer.Typer(help="Measure the server under load (perf_analyzer), speed against peers, and accuracy.")

_LOAD_RESULTS = Path("perf/results/load")
_BENCH_RESULTS = Path("perf/results/bench")
_ENDURANCE_RESULTS = Path("perf/results/endurance")
_SCALING_RESULTS = Path("perf/results/scaling")
_ACCURACY_RESULTS = Path("perf/results/accuracy")
_NETWORK_RESULTS = Path("perf/results/networks")
PopulationOption = Annotated[
    str | None,
    typer.Option(help="Population of the patients, such as plain or test. Default: the application's."),
]
IntoOption = Annotated[
    list[Path] | None,
    typer.Option(help="DICOM folder of a real CT into which the patients are laid; may be repeated."),
]
UnenhancedOption = Annotated[
    bool,
    typer.Option("--unenhanced", help="These CTs have no contrast medium: only the heart's outline is used."),
]
#: A study of ten phases with three vessels each, as loads of the profile ``cpu``.
_STUDY = ("centerline-shared-memory=10", "quality=30")
#: Default number of studies for accuracy.
STUDIES = 40
#: Folders removed after a run: raw inputs and library links are not results.
_SCRATCH = ("inputs", "libraries")


@app.command()
def run(
    profile: Annotated[str, typer.Argument(help="cpu, t4 or a100x4; see `scanserve perf list`.")],
    server: Annotated[
        str | None,
        typer.Option(help="HOST:PORT (gRPC) of a running server. Default: start the embedded server."),
    ] = None,
    out: Annotated[
        Path, typer.Option(help="Folder for the results; each profile has its own sub-folder.")
    ] = _LOAD_RESULTS,
    only: Annotated[list[str] | None, typer.Option(help="Only this load; may be repeated.")] = None,
) -> None:
    """Run the loads of a profile; write CSV, plot and verdict; fail if a limit is broken."""
    from scanserve.perf.profiles import find_profile
    from scanserve.perf.session import embedded, run_profile, server_at

    chosen, folder = find_profile(profile).with_loads(only or ()), out / profile
    context = (
        nullcontext((server_at(server), None)) if server else embedded(chosen.configuration, chosen.models)
    )
    try:
        with context as (endpoint, repository):
            verdict = run_profile(chosen, endpoint, folder, repository=repository, note=_say)
    finally:
        _sweep(folder)
    for check in verdict.checks:
        typer.echo(str(check))
    typer.echo(f"results: {folder}")
    if not verdict.passed:
        raise ResultError("perf-limit-broken", f"profile {profile!r} violates at least one of its limits.")


@app.command(name="list")
def show() -> None:
    """List the profiles with their loads and limits."""
    from scanserve.perf.profiles import find_profile, profile_names

    for name in profile_names():
        profile = find_profile(name)
        typer.echo(f"{name}: {profile.machine}; limits from {profile.limits_come_from}")
        for load in profile.loads:
            limits = load.limits
            typer.echo(f"  {load.name}: p95 <= {limits.p95_ms:g} ms, >= {limits.inferences_per_s:g}/s")


@app.command()
def bench(
    study: Annotated[Path, typer.Argument(help="A multi-phase study, as `scanserve phantom` writes it.")],
    out: Annotated[Path, typer.Option(help="Folder for the table, JSON and plot.")] = _BENCH_RESULTS,
    only: Annotated[list[str] | None, typer.Option(help="Only this benchmark; may be repeated.")] = None,
) -> None:
    """Measure the whole study, and each part against its peer, in one run on this machine."""
    from scanserve.perf.bench import run_benchmarks

    for line in run_benchmarks(study, out, only=only):
        typer.echo(line)
    typer.echo(f"results: {out}")


@app.command()
def compare(
    before: Annotated[Path, typer.Argument(help="Result A: bench.json or result.json, or its folder.")],
    after: Annotated[Path, typer.Argument(help="Result B, of the same kind.")],
    noise: Annotated[
        float, typer.Option(help="Relative noise of values whose result does not state it.", min=0)
    ] = ASSUMED_NOISE,
) -> None:
    """Compare two results of `perf bench` or `perf run`; fail if B is slower by more than noise explains."""
    from scanserve.perf.compare import compare as compare_results
    from scanserve.perf.compare import render

    changes = compare_results(before, after, assumed_noise=noise)
    typer.echo(render(changes), nl=False)
    slower = [change.name for change in changes if change.verdict == "SLOWER"]
    if slower:
        raise ResultError("perf-regression", f"B is slower than noise explains in: {'; '.join(slower)}.")


@app.command()
def capacity(
    studies_per_hour: Annotated[float, typer.Option(help="Studies that arrive in an hour.")],
    results: Annotated[
        Path, typer.Option(help="Result of `perf run` on the machine that is planned for.")
    ] = _LOAD_RESULTS / "cpu",
    within_s: Annotated[float, typer.Option(help="95 % of studies are to be done within.")] = 60.0,
    busiest: Annotated[float, typer.Option(help="Largest share of the time that an instance works.")] = 0.8,
    load: Annotated[
        list[str] | None,
        typer.Option(help="LOAD=N: a study asks N times for what this load measured; may be repeated."),
    ] = None,
) -> None:
    """How many server instances (or GPUs) a number of studies per hour needs, checked by a simulation."""
    from scanserve.perf.planning import describe

    for line in describe(
        results, load or list(_STUDY), per_hour=studies_per_hour, within_s=within_s, busiest=busiest
    ):
        typer.echo(line)


@app.command()
def waterfall(
    study: Annotated[Path, typer.Argument(help="A multi-phase study, as `scanserve phantom` writes it.")],
    out: Annotated[Path, typer.Option(help="The PNG to draw.")] = _BENCH_RESULTS / "waterfall.png",
) -> None:
    """Draw where the time of `scanserve ccta` goes and how many processors it uses; name the critical path."""
    import sys
    import tempfile

    from scanserve.perf import waterfall as fall

    with tempfile.TemporaryDirectory(prefix="scanserve-waterfall-") as folder:
        result = Path(folder, "result")
        code = "import sys; from scanserve.client.cli import main; sys.exit(main())"
        busy, seconds = fall.watch([sys.executable, "-c", code, "ccta", str(study), "--out", str(result)])
        spans = fall.spans_of(result)
    out.parent.mkdir(parents=True, exist_ok=True)
    fall.draw(spans, busy, out)
    typer.echo(f"{seconds:.1f} s; critical path:")
    for stage, spent in fall.by_stage(fall.critical_path(spans)).items():
        typer.echo(f"  {stage}: {spent:.2f} s")
    typer.echo(f"results: {out}")


@app.command()
def overload(
    application: Annotated[str, typer.Argument(help="Name of the application to serve, such as ccta.")],
    seconds: Annotated[float, typer.Option(help="How long each model is overloaded.", min=1)] = 60.0,
    times: Annotated[float, typer.Option(help="Load in multiples of the full rate.", min=1)] = 10.0,
    out: Annotated[Path, typer.Option(help="Folder for overload.json.")] = _ENDURANCE_RESULTS,
) -> None:
    """Ask an embedded server for ten times what it can do; fail if it slows down or does not refuse."""
    from scanserve.perf.endurance import run_overload

    for line in run_overload(application, out, seconds=seconds, times=times):
        typer.echo(line)


@app.command()
def soak(
    application: Annotated[str, typer.Argument(help="Name of the application to serve, such as ccta.")],
    requests: Annotated[int, typer.Option(help="Requests in all.", min=60)] = 2000,
    out: Annotated[Path, typer.Option(help="Folder for soak.json.")] = _ENDURANCE_RESULTS,
) -> None:
    """Ask an embedded server many times with mixed shapes; fail if what it holds grows."""
    from scanserve.perf.endurance import run_soak

    for line in run_soak(application, out, requests=requests):
        typer.echo(line)


@app.command()
def scaling(
    application: Annotated[
        str, typer.Argument(help="Name of the application to measure, such as ccta.")
    ] = "ccta",
    only: Annotated[list[str] | None, typer.Option(help="Only along this axis; may be repeated.")] = None,
    out: Annotated[Path, typer.Option(help="Folder for the table, JSON and plot.")] = _SCALING_RESULTS,
) -> None:
    """Measure time and memory against slices, phases, clients and instances; fit power laws and draw them."""
    from scanserve.perf.scaling import run_scaling

    for line in run_scaling(application, out, only=only):
        typer.echo(line)
    typer.echo(f"results: {out}")


@app.command()
def accuracy(
    application: Annotated[str, typer.Argument(help="Name of the application to measure, such as ccta.")],
    studies: Annotated[int, typer.Option(help="Number of phantom studies; of each CT.", min=1)] = STUDIES,
    population: PopulationOption = None,
    into: IntoOption = None,
    unenhanced: UnenhancedOption = False,
    phases: Annotated[
        str | None,
        typer.Option(
            metavar="N or FROM-TO/STEP",
            help="Phases of a study: their number, or a part of the beat, such as 30-80/5. Default: the application's.",
        ),
    ] = None,
    override_eligibility: Annotated[
        str | None,
        typer.Option(help="Analyse studies that are not eligible, for the reason given.", metavar="REASON"),
    ] = None,
    first_seed: Annotated[
        int | None, typer.Option(help="Seed of the first study. Default: the test seeds.", min=0)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the table, JSON and plot. Default: perf/results/accuracy/APPLICATION, and in it a "
            "folder named after a population, CTs or a part of the beat."
        ),
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option(
            help="Keep truth and result of every study here, and continue from what is already there."
        ),
    ] = None,
) -> None:
    """Make unseen phantom studies, analyse them on the embedded server, and measure the accuracy."""
    from scanserve.perf.accuracy import measure_accuracy
    from scanserve.perf.selection import Selection

    selection = Selection(population, tuple(into or ()), unenhanced, phases, override_eligibility)
    target = out or _ACCURACY_RESULTS / application / selection.folder
    lines = measure_accuracy(
        application, studies, target, selection=selection, first_seed=first_seed, keep=keep
    )
    for line in lines:
        typer.echo(line)
    typer.echo(f"results: {target}")


@app.command()
def networks(
    application: Annotated[str, typer.Argument(help="Name of the application to measure, such as ccta.")],
    hearts: Annotated[
        int, typer.Option(help="Number of hearts; of patients in each CT, which are one heart.", min=1)
    ] = 8,
    population: PopulationOption = None,
    into: IntoOption = None,
    unenhanced: UnenhancedOption = False,
    without: Annotated[
        list[str] | None,
        typer.Option(help="Measure also without this input channel of the first network; may be repeated."),
    ] = None,
    weights: Annotated[
        list[Path] | None,
        typer.Option(help="Measure also with the weights in this folder; may be repeated."),
    ] = None,
    first_seed: Annotated[
        int | None, typer.Option(help="Seed of the first heart. Default: the test seeds.", min=0)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the table, JSON and plot. Default: perf/results/networks/APPLICATION, and in it a "
            "folder named after a population or CTs."
        ),
    ] = None,
) -> None:
    """Measure the networks stage by stage on volumes with a known truth, without a server."""
    from rich.console import Console

    from scanserve.evaluation.screen import show_report
    from scanserve.perf.networks import find_networks, write_networks
    from scanserve.perf.selection import Selection

    measure, selection = find_networks(application), Selection(population, tuple(into or ()), unenhanced)
    target = out or _NETWORK_RESULTS / application / selection.folder
    with _variants(application, without or [], weights or []) as variants:
        report = measure(selection, hearts, variants, first_seed=first_seed, note=typer.echo)
        command = f"scanserve perf networks {application} --hearts {hearts}{selection.options}"
        command += "".join(f" --without {channel}" for channel in without or [])
        command += "".join(f" --weights {path.resolve().name}" for path in weights or [])
        write_networks(target, application, command, variants, report)
    show_report(Console(), report.tables(), report.notes())
    typer.echo(f"results: {target}")


@contextmanager
def _variants(application: str, without: list[str], weights: list[Path]) -> Iterator[tuple[Variant, ...]]:
    """The served networks, the same without a channel, and those of other weights, exported for the moment."""
    import tempfile

    from scanserve.perf.networks import Variant
    from scanserve.server import find_model_repository

    served = find_model_repository()
    with tempfile.TemporaryDirectory(prefix="scanserve-networks-") as folder:
        others = [
            Variant(path.resolve().name, _exported(application, path, served, Path(folder, str(number))))
            for number, path in enumerate(weights)
        ]
        blind = [Variant(f"without {channel}", served, channel) for channel in without]
        yield (Variant("served", served), *blind, *others)


def _exported(application: str, weights: Path, served: Path, repository: Path) -> Path:
    """A repository with the networks whose weights are there, and links to all other served models."""
    from scanserve.contracts import SetupError, find_application
    from scanserve.export.onnx_export import export_model

    models = [model for model in find_application(application).models if model.kind != "ensemble"]
    if not any((weights / model.name).is_dir() for model in models):
        raise SetupError("weights-missing", f"there are no trained weights of {application} in {weights}.")
    repository.mkdir()
    for model in models:
        if (weights / model.name).is_dir():
            export_model(model.name, repository, weights)
        else:
            (repository / model.name).symlink_to(served / model.name)
    return repository


@app.command()
def ablation(
    application: Annotated[str, typer.Argument(help="Name of the application whose networks are trained.")],
    seconds: Annotated[float, typer.Option(help="Processor time of each training.", min=1)] = 270.0,
    studies: Annotated[
        int | None,
        typer.Option(
            help="Number of unseen phantoms; of each kind, and in each CT. Default: the application's.", min=1
        ),
    ] = None,
    only: Annotated[list[str] | None, typer.Option(help="Only this variant; may be repeated.")] = None,
    hosts: Annotated[
        Path | None,
        typer.Option(help="Folder with hosts.json and real CTs to learn from (docs/training.md)."),
    ] = None,
    into: Annotated[
        list[Path] | None,
        typer.Option(help="DICOM folder of a real CT to measure in, with phantom vessels; may be repeated."),
    ] = None,
    into_unenhanced: Annotated[
        list[Path] | None, typer.Option(help="The same for a CT without contrast medium; may be repeated.")
    ] = None,
    cache: Annotated[Path, typer.Option(help="Folder in which phantom samples are kept.")] = Path(
        ".cache/training"
    ),
    run: Annotated[
        Path | None,
        typer.Option(
            help="Keep trainings here, and go on with what is there. Default: runs/ablation-APPLICATION."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the tables and JSON. Default: perf/results/accuracy/APPLICATION."),
    ] = None,
) -> None:
    """Train networks that differ in one choice each for the same time, and compare them on unseen phantoms."""
    from scanserve.contracts import part
    from scanserve.perf.ablation import Ablation, Row, find_judge, write_ablation
    from scanserve.training.recipe import Sources

    brought = part("training", application, "ablate")
    judge = find_judge(application)(studies, into or (), into_unenhanced or ())
    notes = list(judge.notes)
    if hosts is None and hasattr(brought, "hosts_title"):
        notes.append("No CTs were given to learn from, so that what needs them was not trained.")
    elif hosts is not None:
        part("training", application, "hosts_title").hosts_title(hosts)
    columns = judge.tables[0]
    first = next(iter(columns.titles))
    sources = Sources(cache, run or Path("runs") / f"ablation-{application}", hosts=hosts)
    target, rows = out or _ACCURACY_RESULTS / application, []
    for trained in brought.ablate(only or (), seconds, sources):
        row = Row.of(trained, judge.measure(trained))
        rows.append(row)
        typer.echo(f"{row.title}: {row.steps} steps, {first} {columns.text(row.figures[first])}")
        write_ablation(target, Ablation(application, seconds, judge, rows, notes))
    for note in notes:
        typer.echo(note)
    typer.echo(f"results: {target}")


def _say(measurement: Measurement) -> None:
    best = measurement.best
    rate = f"{best.inferences_per_s:.2f}/s at {best.load:g}"
    typer.echo(f"{measurement.load.name}: {rate}, p95 {best.latency_ms[95]:.0f} ms")


def _sweep(folder: Path) -> None:
    import shutil

    for name in _SCRATCH:
        shutil.rmtree(folder / name, ignore_errors=True)
