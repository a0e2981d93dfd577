"""One gate put together: its ports, what answers at them, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import grpc

from scanserve.contracts import ModelSpec
from scanserve.server.gate import heap
from scanserve.server.gate.admission import Line
from scanserve.server.gate.background import Background
from scanserve.server.gate.call import Answer
from scanserve.server.gate.counts import Counts
from scanserve.server.gate.door import Door
from scanserve.server.gate.health import HEALTH_CHECK, Health, Metrics
from scanserve.server.gate.http import HttpServer
from scanserve.server.gate.infer import Inference, Served
from scanserve.server.gate.limits import instance_items
from scanserve.server.gate.memory import SharedMemory
from scanserve.server.gate.orders import GateOrders
from scanserve.server.gate.plain import CLOSED, Plain
from scanserve.server.gate.regions import Regions
from scanserve.server.gate.service import SERVER_OPTIONS, Service
from scanserve.server.gate.uploads import Uploads
from scanserve.server.gate.upstream import SERVICE, Upstream
from scanserve.server.gate.wire import HEAD_BYTES

__all__ = ["Gate", "run"]

#: Room for waiting messages: this many of the largest, at most so many bytes.
_HELD_MESSAGES, _MOST_HELD_BYTES = 4, 2 << 30
_MESSAGE_BYTES = 2**31 - 1
_TRIM_EVERY_S = 5.0
_LOOK_S = 0.1
#: How long refusing the calls under way may take.
_REFUSING_S = 0.5


class Gate:
    """A gate by its orders; used by one event loop."""

    def __init__(self, orders: GateOrders) -> None:
        header = orders.upstream_header
        self._orders = orders
        self._upstream = Upstream(
            orders.upstream, [(f"triton-grpc-protocol-{header[0]}", header[1])] if header else []
        )
        self._background = Background()
        self._counts = Counts()
        self._served = {spec.name: _served(orders, spec) for spec in orders.models}
        self._uploads = self._make_uploads()
        self._message_bytes = self._largest_message()
        self._door = Door(
            max(self._message_bytes, min(_HELD_MESSAGES * self._message_bytes, _MOST_HELD_BYTES))
        )
        self._server = self._make_server()
        self._http = list(self._make_http())
        self._trimming: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen at every port.

        Raises:
            OSError: where one cannot be taken.
        """
        try:
            bound = self._server.add_insecure_port(self._orders.grpc)
        except RuntimeError as error:
            raise OSError(f"{self._orders.grpc} cannot be listened at.") from error
        if not bound:
            raise OSError(f"{self._orders.grpc} cannot be listened at.")
        await self._server.start()
        for http in self._http:
            await http.start()
        self._trimming = asyncio.get_running_loop().create_task(self._trim())

    async def stop(self, grace_s: float, reason: str = "") -> None:
        """Take no more calls, and end once those under way have been answered, at most after ``grace_s``.

        With a ``reason`` they are refused instead.
        """
        if reason:
            self._door.close(reason)
        for http in self._http:
            await http.stop()
        stopping = asyncio.get_running_loop().create_task(self._server.stop(grace_s))
        await self._finish(grace_s)
        if not (await asyncio.wait({stopping}, timeout=_LOOK_S))[0]:
            await self._server.stop(None)  # callers who keep answered calls open are not waited for
        await stopping
        if self._trimming is not None:
            self._trimming.cancel()
        await self._upstream.close()

    async def _finish(self, grace_s: float) -> None:
        """Wait for the calls under way, at most so long, and a moment for their answers to leave."""
        if self._door.is_empty:
            return
        deadline_s = asyncio.get_running_loop().time() + grace_s
        while not self._door.is_empty and asyncio.get_running_loop().time() < deadline_s:
            await asyncio.sleep(_LOOK_S)
        await self._background.drain(max(_LOOK_S, deadline_s - asyncio.get_running_loop().time()))
        await asyncio.sleep(_LOOK_S)

    def _make_uploads(self) -> Uploads | None:
        prefix = self._orders.shm_prefix
        if prefix is None:
            return None
        return Uploads(prefix, self._upstream.register, self._upstream.unregister)

    def _make_server(self) -> grpc.aio.Server:
        limit = ("grpc.max_receive_message_length", self._message_bytes)
        server = grpc.aio.server(options=(*SERVER_OPTIONS, limit))
        closed = frozenset(f"/{SERVICE}/{method}" for method in CLOSED)
        regions = Regions()
        infer = Inference(
            self._upstream, self._served, regions, self._uploads, self._background, self._counts
        )
        service = Service(
            self._answers(infer, regions), closed, self._door, {f"/{SERVICE}/ModelInfer": infer.check}
        )
        server.add_generic_rpc_handlers((service,))
        return server

    def _largest_message(self) -> int:
        largest = max((served.most_bytes for served in self._served.values()), default=0)
        return min(largest + HEAD_BYTES, _MESSAGE_BYTES)

    def _answers(self, infer: Inference, regions: Regions) -> dict[str, Answer]:
        memory = SharedMemory(self._upstream, regions, self._orders.shared_memory_key, self._background)
        methods: dict[str, Answer] = {**Plain(self._upstream).answers, **memory.answers, "ModelInfer": infer}
        answers = {f"/{SERVICE}/{method}": answer for method, answer in methods.items()}
        return {**answers, HEALTH_CHECK: Health(self._upstream).by_grpc}

    def _make_http(self) -> list[HttpServer]:
        orders, made = self._orders, []
        if orders.http is not None:
            made.append(HttpServer(*_address(orders.http), Health(self._upstream).by_http))
        if orders.metrics is not None and orders.metrics_socket is not None:
            metrics = Metrics(orders.metrics_socket, self._own_metrics)
            made.append(HttpServer(*_address(orders.metrics), metrics.by_http))
        return made

    def _own_metrics(self) -> str:
        return self._counts.to_text([served.line for served in self._served.values()])

    async def _trim(self) -> None:
        while True:
            await asyncio.sleep(_TRIM_EVERY_S)
            if self._uploads is not None:
                await self._uploads.trim()
            heap.trim()


async def run(
    orders: GateOrders, ready: Callable[[], None], told_to_end: Callable[[], Awaitable[str]], grace_s: float
) -> None:
    """Run a gate until ``told_to_end`` returns; ``ready`` is called once it listens.

    What is returned is the reason that calls under way are refused for; where it is empty, they are answered.

    Raises:
        OSError: where a port cannot be taken.
    """
    heap.configure()
    gate = Gate(orders)
    await gate.start()
    ready()
    reason = ""
    with contextlib.suppress(asyncio.CancelledError):
        reason = await told_to_end()
    await gate.stop(_REFUSING_S if reason else grace_s, reason)


def _served(orders: GateOrders, spec: ModelSpec) -> Served:
    limits = orders.limits
    items = instance_items(spec, orders.configuration, orders.devices, orders.models)
    line = Line(spec.name, limits.running * items, limits.waiting * items)
    return Served(spec, line, limits.bytes_of(spec))


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)
