from __future__ import annotations

import asyncio
from http import HTTPStatus

import pytest

from scanserve.server.gate.http import HttpServer, Reply
from tests.support.ports import free_port


async def answer(path):
    return Reply(HTTPStatus.OK, path.encode())


def exchange(*requests, names=()):
    """What a server answers to each request; ``PORT`` in it is the server's."""

    async def run():
        port = free_port()
        server = HttpServer("127.0.0.1", port, answer, names)
        await server.start()
        replies = []
        for request in requests:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request.replace(b"PORT", str(port).encode()))
            writer.write_eof()
            replies.append(await reader.read())
            writer.close()
        await server.stop()
        return replies

    return asyncio.run(run())


def statuses(*requests, **options):
    return [int(reply.split()[1]) for reply in exchange(*requests, **options)]


def test_a_path_is_answered_once_and_the_connection_closed():
    (reply,) = exchange(b"GET /a/b?c=d HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n")
    head, _, body = reply.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Connection: close" in head
    assert b"Content-Length: 4" in head
    assert body == b"/a/b"


@pytest.mark.parametrize(
    "host", ["127.0.0.1:PORT", "localhost:PORT", "LOCALHOST:PORT", "[::1]:PORT", "localhost", "name:PORT"]
)
def test_names_of_this_machine_are_known(host):
    assert statuses(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode(), names=["name"]) == [200]


@pytest.mark.parametrize(
    "fields",
    [
        "Host: a.example:PORT",
        "Host: a.example",
        "Host: 127.0.0.1.a.example:PORT",
        "Host: localhost:1",
        "Other: x",
        "Host:",
    ],
)
def test_other_names_are_not(fields):
    assert statuses(f"GET / HTTP/1.1\r\n{fields}\r\n\r\n".encode()) == [403]


def test_pages_in_a_browser_get_nothing():
    head = b"GET / HTTP/1.1\r\nHost: localhost:PORT\r\n"
    assert statuses(head + b"Origin: https://a.example\r\n\r\n", head + b"ORIGIN:null\r\n\r\n") == [403, 403]


def test_only_get_is_answered():
    host = b" HTTP/1.1\r\nHost: localhost:PORT\r\n\r\n"
    assert statuses(b"POST /x" + host, b"HEAD /x" + host, b"POST /v2/models/m/infer" + host) == [
        405,
        405,
        403,
    ]


def test_heads_are_small_and_well_formed():
    assert statuses(
        b"GET / HTTP/1.1\r\nX: " + b"x" * 10_000 + b"\r\n\r\n",
        b"GET /\r\n\r\n",
        b"nonsense",
        b"GET / HTTP/2\r\n\r\n",
    ) == [431, 400, 400, 400]


def test_an_answer_survives_a_body_that_nobody_reads():
    body = b"Content-Length: 500000\r\n\r\n" + b"[" * 500_000
    assert statuses(b"POST /v2/x HTTP/1.1\r\nHost: localhost:PORT\r\n" + body) == [403]
