"""Health by HTTP and by gRPC's own protocol, and metrics: small answers that the gate makes from Triton's."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from http import HTTPStatus

from scanserve.server.gate.call import Call
from scanserve.server.gate.http import Reply
from scanserve.server.gate.upstream import Upstream

__all__ = ["HEALTH_CHECK", "Health", "Metrics"]

#: gRPC's health protocol, which orchestrators use.
HEALTH_CHECK = "/grpc.health.v1.Health/Check"
_SERVING, _NOT_SERVING = b"\x08\x01", b"\x08\x02"
_MODEL_READY = re.compile(r"/v2/models/([A-Za-z0-9_.-]{1,128})/ready")
_LONGEST_METRICS = 4 << 20
_METRICS_S = 5.0


class Health:
    """Answers whether the server and its models are there."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def by_http(self, path: str) -> Reply:
        """200 where it is so, 503 where it is not, 403 for the parts of the protocol that HTTP does not carry."""
        model = _MODEL_READY.fullmatch(path)
        if path == "/v2/health/live":
            well = await self._upstream.live()
        elif path == "/v2/health/ready":
            well = await self._upstream.ready()
        elif model:
            well = await self._upstream.ready(model[1])
        else:
            return Reply(HTTPStatus.FORBIDDEN if path.startswith("/v2") else HTTPStatus.NOT_FOUND)
        return Reply(HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE)

    async def by_grpc(self, _call: Call) -> bytes:
        """The answer of ``grpc.health.v1.Health/Check``, serialised."""
        return _SERVING if await self._upstream.ready() else _NOT_SERVING


class Metrics:
    """Triton's metrics from its Unix socket, and the gate's own after them."""

    def __init__(self, socket: str, own: Callable[[], str]) -> None:
        self._socket = socket
        self._own = own

    async def by_http(self, path: str) -> Reply:
        """The metrics at ``/metrics``; the gate's own, which need no answer from Triton, at ``/metrics/gate``."""
        if path == "/metrics/gate":
            return Reply(HTTPStatus.OK, self._own().encode())
        if path != "/metrics":
            return Reply(HTTPStatus.NOT_FOUND)
        try:
            theirs = await asyncio.wait_for(self._theirs(), _METRICS_S)
        except (OSError, asyncio.TimeoutError):
            return Reply(HTTPStatus.SERVICE_UNAVAILABLE)
        return Reply(HTTPStatus.OK, theirs + self._own().encode())

    async def _theirs(self) -> bytes:
        reader, writer = await asyncio.open_unix_connection(self._socket, limit=_LONGEST_METRICS)
        try:
            writer.write(b"GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n")
            answer = await reader.read(_LONGEST_METRICS)
            while piece := await reader.read(_LONGEST_METRICS):
                answer += piece
        finally:
            writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.") or head.split(b" ", 2)[1] != b"200":
            raise OSError("Triton gave no metrics.")
        return body
