"""``scanserve gate``: the gate alone, in front of a Triton that runs elsewhere."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from scanserve.server.gate.orders import GateOrders

__all__ = ["KEY_VARIABLE", "app"]

app = typer.Typer(help="Check and bound requests in front of a running Triton.")

#: Holds ``HEADER=SECRET``, which opens protocols that the Triton behind the gate has restricted.
KEY_VARIABLE = "SCANSERVE_GATE_HEADER"
_GRACE_S = 30.0

_Upstream = Annotated[str, typer.Option(help="HOST:PORT of Triton's gRPC.")]
_Listen = Annotated[str, typer.Option(help="HOST:PORT to listen at.")]
_Http = Annotated[str | None, typer.Option(help="HOST:PORT that answers questions about health by HTTP.")]
_Applications = Annotated[
    list[str] | None, typer.Option(help="Let only this application's models through; may be repeated.")
]
_Configuration = Annotated[str, typer.Option(help="Which configuration of the models Triton runs.")]
_Devices = Annotated[int, typer.Option(min=1, help="On how many GPUs each model has its instances.")]
_Running = Annotated[
    int, typer.Option(min=1, help="Requests, or full batches, under way per instance of a model.")
]
_Waiting = Annotated[
    int, typer.Option(min=0, help="Requests, or full batches, that may wait per instance of a model.")
]
_Megabytes = Annotated[int | None, typer.Option(min=1, help="MiB of one request; by the contracts without.")]


@app.command()
def gate(
    upstream: _Upstream,
    listen: _Listen = "127.0.0.1:8001",
    http: _Http = None,
    application: _Applications = None,
    configuration: _Configuration = "default",
    devices: _Devices = 1,
    running: _Running = 1,
    waiting: _Waiting = 1,
    max_request_mib: _Megabytes = None,
) -> None:
    """Stand in front of a running Triton until SIGINT or SIGTERM."""
    from scanserve.contracts import CONFIGURATIONS, InputError, all_models, find_application
    from scanserve.server.gate.limits import Limits
    from scanserve.server.gate.orders import GateOrders

    if configuration not in CONFIGURATIONS:
        known = ", ".join(CONFIGURATIONS)
        raise InputError(
            "unknown-configuration", f"configuration must be one of {known} but is {configuration!r}."
        )
    chosen = [model for name in application or () for model in find_application(name).models]
    orders = GateOrders(
        upstream=_checked("upstream", upstream),
        models=tuple(chosen) or all_models(),
        grpc=_checked("listen", listen),
        http=None if http is None else _checked("http", http),
        upstream_header=_header(),
        configuration=configuration,
        devices=devices,
        limits=Limits(running, waiting, None if max_request_mib is None else max_request_mib << 20),
    )
    _serve(orders)


def _serve(orders: GateOrders) -> None:
    from scanserve.contracts import InputError
    from scanserve.server.gate.app import run

    try:
        asyncio.run(run(orders, lambda: _say(orders), _signalled, _GRACE_S))
    except OSError as error:
        raise InputError("port-in-use", f"the gate cannot listen: {error}.") from error
    typer.echo("ended.")


def _say(orders: GateOrders) -> None:
    typer.echo(f"gate {orders.grpc} in front of {orders.upstream}, {len(orders.models)} models")
    typer.echo("ready; Ctrl-C ends it.")


async def _signalled() -> str:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    await told.wait()
    return ""


def _header() -> tuple[str, str] | None:
    name, _, secret = os.environ.get(KEY_VARIABLE, "").partition("=")
    return (name, secret) if name and secret else None


def _checked(option: str, address: str) -> str:
    from scanserve.contracts import InputError

    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise InputError("server-address", f"{option} must be HOST:PORT but is {address!r}.")
    return address
