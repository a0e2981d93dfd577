"""Connections to made-up servers, for tests of the clients."""

from __future__ import annotations

from contextlib import contextmanager

from scanserve.client.runs.connection import Connection


def connecting(client):
    """How to connect to ``client``."""

    @contextmanager
    def connect(*_, **__):
        yield Connection(client, lambda timeout: True, True, None)

    return connect


@contextmanager
def no_connection(*_, **__):
    """A server that is never there: a refusal is told all the same, and what needs no server goes on."""
    raise AssertionError("no server is needed")
    yield
