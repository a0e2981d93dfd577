"""``scanserve node``: receive studies, analyse them, return the results, until told to end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from scanserve.node.config import NodeConfig
    from scanserve.node.node import Node

__all__ = ["app"]

app = typer.Typer(help="Receive studies over the network, analyse them and return the results.")

#: How often the command looks whether everything is done, seconds.
_LOOK_S = 0.2

_Config = Annotated[Path, typer.Option(help="The configuration, a TOML file (docs/hospital.md).")]
_Page = Annotated[bool, typer.Option("--page", help="Serve the page, on loopback unless configured.")]
_From = Annotated[
    list[str] | None,
    typer.Option("--from", help="Fetch what this QIDO-RS query names (.../studies?...); may be repeated."),
]
_UntilDone = Annotated[bool, typer.Option("--until-done", help="End when nothing is left to do.")]
_Check = Annotated[bool, typer.Option("--check", help="Check the configuration, and end.")]


@app.command()
def node(
    config: _Config,
    page: _Page = False,
    query: _From = None,
    until_done: _UntilDone = False,
    check: _Check = False,
) -> None:
    """Receive studies, analyse them and return the results until SIGINT or SIGTERM, which drains."""
    import logging

    from scanserve.contracts import NOT_FOR_DIAGNOSIS
    from scanserve.node.config import Pull, read_config

    settings = read_config(config)
    if check:
        typer.echo(f"{config.name} is valid.")
        return
    from scanserve.node.node import Node

    logging.getLogger("scanserve.node").setLevel(logging.INFO)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with Node(settings, [Pull(query=text) for text in query or ()]) as running, _served(running, page):
        _say(running)
        typer.echo(NOT_FOR_DIAGNOSIS)
        _wait(running, stop, until_done)
    typer.echo("ended.")


@contextmanager
def _served(running: Node, page: bool) -> Iterator[None]:
    """The page of the node, if it is wanted, for the time of a block."""
    if not page:
        yield
        return
    from scanserve.node.page.serve import PageServer

    with PageServer(running) as server:
        typer.echo(f"page     {server.url}, token in {server.token_file}")
        yield


def _say(running: Node) -> None:
    settings: NodeConfig = running.config
    typer.echo(f"DICOM    {settings.dicom.ae_title} at {settings.dicom.host}:{running.dicom_port}")
    typer.echo(f"metrics  http://127.0.0.1:{running.metrics_port}/metrics")


def _wait(running: Node, stop: threading.Event, until_done: bool) -> None:
    while not stop.wait(_LOOK_S):
        if until_done and running.idle():
            return
