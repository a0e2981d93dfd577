"""``scanserve export``: ONNX files, Triton configurations, TensorRT plans and generated documentation."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from scanserve.contracts import ModelSpec, SetupError, all_models, find_model, owner_of

if TYPE_CHECKING:
    from scanserve.export.precision import PrecisionVerdict
    from scanserve.export.tensorrt import PlanBuild

__all__ = ["app"]

app = typer.Typer(
    help="Write what the server reads (ONNX, configurations, plans) and the generated documentation."
)

Repository = Annotated[Path, typer.Option(help="The model repository.")]
Weights = Annotated[Path, typer.Option(help="The folder of trained weights.")]
Docs = Annotated[Path, typer.Option(help="The documentation folder.")]
Results = Annotated[Path, typer.Option(help="The folder of measured accuracy, one folder per application.")]
Check = Annotated[bool, typer.Option("--check", help="Write nothing; fail if a file differs.")]
Model = Annotated[Optional[list[str]], typer.Option(help="Only this model; may be repeated.")]  # noqa: UP045

_REPOSITORY, _WEIGHTS, _DOCS = Path("model_repository"), Path("weights"), Path("docs")
_RESULTS = Path("perf/results/accuracy")


@app.command()
def onnx(model: Model = None, repository: Repository = _REPOSITORY, weights: Weights = _WEIGHTS) -> None:
    """Export networks and graphs to ONNX, each with its parity report against torch."""
    with _extra():
        from scanserve.export.onnx_export import export_model
    for spec in _chosen(model):
        export_model(spec.name, repository, weights)
        typer.echo(f"{spec.name}: exported")


@app.command()
def configs(check: Check = False, repository: Repository = _REPOSITORY, weights: Weights = _WEIGHTS) -> None:
    """Write every model's config.pbtxt and configs/*.pbtxt from the contracts and the weights' manifests."""
    from scanserve.export.configs import write_configs

    files = write_configs(repository, weights, check)
    typer.echo(f"{len(files)} configuration files {'are up to date' if check else 'written'}")


@app.command()
def docs(check: Check = False, folder: Docs = _DOCS) -> None:
    """Write the tensor reference and the reference of codes from the contracts."""
    from scanserve.export.docs import write_docs

    for path in write_docs(folder, check):
        typer.echo(f"{path} {'is up to date' if check else 'written'}")


@app.command()
def cards(
    check: Check = False,
    repository: Repository = _REPOSITORY,
    weights: Weights = _WEIGHTS,
    results: Results = _RESULTS,
) -> None:
    """Write the model cards from manifests, measured accuracy and precision verdicts."""
    with _extra():
        from scanserve.export.cards import write_cards
    files = write_cards(weights, repository, results, check)
    typer.echo(f"{len(files)} model cards {'are up to date' if check else 'written'}")


@app.command()
def operators(repository: Repository = _REPOSITORY) -> None:
    """Check that every graph meant for TensorRT uses only operators that TensorRT documents."""
    with _extra():
        from scanserve.export.operators import check_operators
    for spec in all_models():
        path = repository / spec.name / "1" / "model.onnx"
        if spec.tensorrt and path.is_file():
            check_operators(path)
            typer.echo(f"{spec.name}: only operators that TensorRT documents")


@app.command()
def tensorrt(
    configuration: Annotated[str, typer.Option(help="t4 or a100.")] = "t4",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print the commands.")] = False,
    half: Annotated[bool, typer.Option("--half", help="Export and build half precision.")] = False,
    cache: Annotated[Path, typer.Option(help="Folder in which built plans are kept.")] = Path(".cache/plans"),
    repository: Repository = _REPOSITORY,
    weights: Weights = _WEIGHTS,
) -> None:
    """Build TensorRT plans: print the docker commands, then run trtexec if it is installed."""
    from scanserve.export import tensorrt as plans

    builds = plans.plan_builds(repository, configuration, half=half)
    for build in builds:
        typer.echo(shlex.join(build.docker_command()))
    if dry_run:
        return
    if half:
        _export_half(builds, weights)
    tools = plans.find_toolchain(plans.find_trtexec(builds))
    for build in builds:
        typer.echo(f"{plans.build_plan(build, tools, cache)} written")


@app.command()
def precision(
    model: Annotated[str, typer.Argument(help="The network, e.g. ccta_stage2.")],
    to: Annotated[str, typer.Option(help="half (FP16 ONNX) or bf16 (OpenVINO's hint).")] = "half",
    studies: Annotated[int, typer.Option(help="Number of phantom studies from the test seeds.", min=1)] = 24,
    keep: Annotated[
        Path | None, typer.Option(help="Keep truths and results here, and resume from what is there.")
    ] = None,
    repository: Repository = _REPOSITORY,
    weights: Weights = _WEIGHTS,
) -> None:
    """Compare a network in reduced precision with FP32 on the same studies; refuse it if a metric falls.

    The verdict is stored with the weights (precision-*.json); `export tensorrt --half` and `export all` require it.
    """
    with _extra():
        from scanserve.export.precision import require_verdict, write_verdict
    verdict = _measured(model, to, studies, keep, repository, weights)
    for figure in verdict.figures:
        typer.echo(str(figure))
    typer.echo(f"verdict: {write_verdict(weights, verdict)}")
    require_verdict(weights, model, verdict.precision, verdict.sha256)


@app.command(name="all")
def everything(
    check: Check = False,
    repository: Repository = _REPOSITORY,
    weights: Weights = _WEIGHTS,
    folder: Docs = _DOCS,
    results: Results = _RESULTS,
) -> None:
    """Export ONNX, check operators and precisions, write configurations, cards and documentation."""
    if not check:
        onnx(None, repository, weights)
    operators(repository)
    _check_precisions(repository, weights)
    configs(check, repository, weights)
    cards(check, repository, weights, results)
    docs(check, folder)


def _measured(
    model: str, precision: str, count: int, keep: Path | None, repository: Path, weights: Path
) -> PrecisionVerdict:
    """Analyse ``count`` test studies in FP32 and in reduced precision; needs the extra ``perf``."""
    from scanserve.export.precision import Figure, PrecisionVerdict, precision_named, sha256_of_file
    from scanserve.export.reduced import reduced_repository
    from scanserve.perf.accuracy import find_studies
    from scanserve.perf.precision import compare_repositories

    application = owner_of(model).name
    studies = find_studies(application)
    with reduced_repository(model, precision_named(precision), repository, weights) as reduced:
        compared = compare_repositories(
            application, count, (repository, reduced.repository), reduced.configuration, typer.echo, keep
        )
        return PrecisionVerdict(
            model=model,
            precision=precision_named(precision),
            sha256=sha256_of_file(reduced.file),
            studies=studies.described,
            seeds=tuple(range(studies.first_seed, studies.first_seed + count)),
            figures=tuple(
                Figure(name=f.name, full=f.first, reduced=f.second, at_most=f.at_most, losses=f.losses)
                for f in compared
            ),
        )


def _export_half(builds: Sequence[PlanBuild], weights: Path) -> None:
    """Write the half-precision graphs for plans whose precision may be served."""
    with _extra():
        from scanserve.export.half import export_half
        from scanserve.export.precision import require_verdict, sha256_of_file
    for build in builds:
        if not build.onnx.is_file():
            typer.echo(f"{export_half(build.spec.name, build.onnx, weights)} written")
        require_verdict(weights, build.spec.name, "half", sha256_of_file(build.onnx))


def _check_precisions(repository: Path, weights: Path) -> None:
    with _extra():
        from scanserve.export.precision import check_precisions
    for line in check_precisions(repository, weights):
        typer.echo(line)


def _chosen(names: list[str] | None) -> list[ModelSpec]:
    models = [find_model(name) for name in names] if names else list(all_models())
    return [spec for spec in models if spec.kind != "ensemble"]


@contextmanager
def _extra() -> Iterator[None]:
    """Name the extra to install if a third-party package is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("scanserve"):
            raise
        raise SetupError(
            "extra-missing",
            f"the package {error.name!r} is not installed; install the extra with "
            "`pip install 'scanserve[export]'`.",
        ) from error
