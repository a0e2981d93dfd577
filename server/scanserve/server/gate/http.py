"""A minimal HTTP server for health and metrics: GET of known paths by clients of this machine, nothing else.

Triton's own HTTP parser dies of hostile bodies and answers every web page.  This one reads no body, takes a small
head, and wants a ``Host`` that it knows and no ``Origin``, so that a page in a browser gets nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from http import HTTPStatus

__all__ = ["HttpServer", "Reply"]

_HEAD_BYTES = 8 << 10
_HEAD_S, _ANSWER_S, _LINGER_S = 5.0, 15.0, 1.0
_LINGER_BYTES = 1 << 20
_MOST_CONNECTIONS = 64


@dataclass(frozen=True)
class Reply:
    """What is answered to a GET."""

    status: HTTPStatus
    body: bytes = b""
    kind: str = "text/plain; charset=utf-8"

    def to_bytes(self) -> bytes:
        """The whole response; the connection is closed after it."""
        head = (
            f"HTTP/1.1 {self.status.value} {self.status.phrase}\r\nContent-Type: {self.kind}\r\n"
            f"Content-Length: {len(self.body)}\r\nConnection: close\r\nX-Content-Type-Options: nosniff\r\n\r\n"
        )
        return head.encode() + self.body


#: Answers the GET of a path.
Answer = Callable[[str], Awaitable[Reply]]


class HttpServer:
    """Listens at ``host:port`` and passes the path of each proper request to ``answer``."""

    def __init__(self, host: str, port: int, answer: Answer, also_called: Collection[str] = ()) -> None:
        self._host, self._port = host, port
        self._answer = answer
        self._names = {host, "127.0.0.1", "localhost", "[::1]", *also_called}
        self._server: asyncio.Server | None = None
        self._connections = 0

    async def start(self) -> None:
        """Begin to listen; raises ``OSError``."""
        self._server = await asyncio.start_server(self._serve, self._host, self._port, limit=_HEAD_BYTES)

    async def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        try:
            if self._connections <= _MOST_CONNECTIONS:
                reply = await self._reply(reader)
                writer.write(reply.to_bytes())
                await asyncio.wait_for(writer.drain(), _ANSWER_S)
                await _linger(reader, writer)
        except (OSError, asyncio.TimeoutError):
            pass
        finally:
            self._connections -= 1
            writer.close()

    async def _reply(self, reader: asyncio.StreamReader) -> Reply:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _HEAD_S)
        except asyncio.TimeoutError:
            return Reply(HTTPStatus.REQUEST_TIMEOUT)
        except asyncio.LimitOverrunError:
            return Reply(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        except asyncio.IncompleteReadError:
            return Reply(HTTPStatus.BAD_REQUEST)
        wrong, path = self._judge(head.decode("latin-1"))
        return Reply(wrong) if wrong else await asyncio.wait_for(self._answer(path), _ANSWER_S)

    def _judge(self, head: str) -> tuple[HTTPStatus | None, str]:
        """What is wrong with a request, None where nothing is, and its path."""
        first, *lines = head.split("\r\n")
        words = first.split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            return HTTPStatus.BAD_REQUEST, ""
        fields = {
            name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
        }
        path = words[1].partition("?")[0]
        if not self._is_ours(fields.get("host", "")) or "origin" in fields:
            return HTTPStatus.FORBIDDEN, path
        if path.startswith("/v2/") and words[0] != "GET":
            return HTTPStatus.FORBIDDEN, path
        return (None if words[0] == "GET" else HTTPStatus.METHOD_NOT_ALLOWED), path

    def _is_ours(self, host: str) -> bool:
        name, _, port = host.rpartition(":")
        if not port.isdigit():
            name, port = host, str(self._port)
        return name.lower() in self._names and port == str(self._port)


async def _linger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take in some of what is still sent: a connection closed before would lose the answer."""
    with contextlib.suppress(OSError, asyncio.TimeoutError):
        writer.write_eof()
        left = _LINGER_BYTES
        deadline = asyncio.get_running_loop().time() + _LINGER_S
        while left > 0 and (wait_s := deadline - asyncio.get_running_loop().time()) > 0:
            data = await asyncio.wait_for(reader.read(_HEAD_BYTES), wait_s)
            if not data:
                return
            left -= len(data)
