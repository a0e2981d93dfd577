"""Ports of loopback for servers that tests start."""

from __future__ import annotations

import os
import socket

__all__ = ["free_port"]

#: Which worker of pytest-xdist this is, and how many there are.
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))


def free_port() -> int:
    """A port that nobody listens at, and that another worker is not given before this one listens there.

    Linux gives odd ports to those who listen and even ones to those who call, so that pairs are shared out.
    """
    while True:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        if port // 2 % _WORKERS == _WORKER:
            return port
