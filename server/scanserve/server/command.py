"""``scanserve serve``: the embedded server until it is told to end."""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from scanserve.contracts import ModelSpec
    from scanserve.server.embedded import Embedded

__all__ = ["app"]

app = typer.Typer(help="Start the embedded server (tritonserver on loopback, on the CPU).")

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_LOOK_S = 0.5

_Repository = Annotated[Path | None, typer.Option(help="Folder of models; the installed one without.")]
_Port = Annotated[int, typer.Option(min=0, max=65535, help="On 127.0.0.1; 0 takes a free port.")]
_Configuration = Annotated[str, typer.Option(help="Which configs/<name>.pbtxt of each model.")]
_Log = Annotated[Path | None, typer.Option(help="The server's log; in the user's state folder without.")]
_Applications = Annotated[
    list[str] | None,
    typer.Option(help="Serve only this application's models; may be repeated. Default: all."),
]
_HttpInference = Annotated[
    bool, typer.Option(help="Answer inference by HTTP as well, around the gate: unchecked and unbounded.")
]
_Running = Annotated[
    int, typer.Option(min=1, help="Requests, or full batches, under way per instance of a model.")
]
_Waiting = Annotated[
    int, typer.Option(min=0, help="Requests, or full batches, that may wait per instance of a model.")
]
_Megabytes = Annotated[int | None, typer.Option(min=1, help="MiB of one request; by the contracts without.")]
_WriteCanaries = Annotated[
    bool, typer.Option(help="Store the served models' canary answers in the repository, then end.")
]


@app.command()
def serve(
    model_repository: _Repository = None,
    grpc_port: _Port = 0,
    http_port: _Port = 0,
    metrics_port: _Port = 0,
    configuration: _Configuration = "cpu",
    log: _Log = None,
    application: _Applications = None,
    running: _Running = 1,
    waiting: _Waiting = 1,
    max_request_mib: _Megabytes = None,
    http_inference: _HttpInference = False,
    write_canaries: _WriteCanaries = False,
) -> None:
    """Start the embedded server, print where it listens, and serve until SIGINT or SIGTERM."""
    from scanserve.server.embedded import Embedded
    from scanserve.server.gate.limits import Limits

    for number in _SIGNALS:
        signal.signal(number, _request_stop)
    server = Embedded(
        model_repository,
        configuration=configuration,
        grpc_port=grpc_port,
        http_port=http_port,
        metrics_port=metrics_port,
        log_path=log,
        models=_models_of(application or ()),
        check_canaries=not write_canaries,
        limits=Limits(running, waiting, None if max_request_mib is None else max_request_mib << 20),
        http_inference=http_inference,
    )
    try:
        with server:
            (_write if write_canaries else _serve)(server)
    except _StopRequested:
        typer.echo("ended.")


def _models_of(applications: Sequence[str]) -> list[ModelSpec] | None:
    """The models of the named applications; none named stands for all models of the repository."""
    from scanserve.contracts import find_application

    return [model for name in applications for model in find_application(name).models] or None


class _StopRequested(BaseException):
    """A signal asks the command to end, whatever it is doing."""


def _request_stop(number: int, frame: object) -> None:
    for each in _SIGNALS:  # a second one must not interrupt the cleaning up
        signal.signal(each, signal.SIG_IGN)
    raise _StopRequested


def _serve(server: Embedded) -> None:
    from rich.console import Console

    from scanserve.contracts import ServerError
    from scanserve.server.repository import notice_on

    console = Console()
    console.print(_models_table(server))
    for name, url in (("gRPC", server.grpc_url), ("HTTP", server.http_url), ("metrics", server.metrics_url)):
        typer.echo(f"{name:8s} {url}")
    typer.echo(f"{'log':8s} {server.log_path}")
    typer.echo(notice_on(server.model_repository, server.models))
    typer.echo("ready; Ctrl-C ends it.")
    seen = len(server.events)
    while True:
        time.sleep(_LOOK_S)
        for event in server.events[seen:]:
            seen += 1
            typer.echo(f"{event.kind}: {event.message}")
            if event.kind == "gave-up":
                raise ServerError("server-gave-up", f"{event.message}; its log is {server.log_path}.")


def _write(server: Embedded) -> None:
    from scanserve.server.canary import write_canaries

    for path in write_canaries(server.grpc_url, server.model_repository, server.models):
        typer.echo(f"wrote {path}")


def _models_table(server: Embedded) -> Table:
    from rich.table import Table

    table = Table("model", "kind", "batch", "what it does", title=f"Models of {server.model_repository}")
    for spec in server.models:
        table.add_row(spec.name, spec.kind, str(spec.max_batch_size or "-"), spec.summary)
    return table
