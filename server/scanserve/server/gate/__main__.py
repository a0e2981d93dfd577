"""``python -m scanserve.server.gate``: a gate whose orders are the first line of standard input.

It prints one line when it listens, and ends when it is told to, or its standard input closes, or its parent is gone.
Told the reason (``because`` and a sentence), it refuses the calls under way with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import select
import signal
import sys

from scanserve.server.gate.app import run
from scanserve.server.gate.orders import GateOrders
from scanserve.server.gate.process import BECAUSE

_LOOK_S = 0.5
_DESCRIPTORS = 8192
_GRACE_S = 10.0


def main() -> int:
    """Run the gate; 0 when it was told to end, 1 when a port could not be taken."""
    _raise_limit()
    orders = GateOrders.from_json(sys.stdin.readline())
    try:
        asyncio.run(run(orders, _say_ready, _told_to_end, _GRACE_S))
    except OSError as error:
        sys.stderr.write(f"error: the gate could not start: {error}\n")
        return 1
    return 0


def _raise_limit() -> None:
    """Connections and regions take a descriptor each."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _DESCRIPTORS)
    if soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _say_ready() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


async def _told_to_end() -> str:
    """Return when the gate is to end: the reason for which calls under way are refused, or an empty string."""
    parent = os.getppid()
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, told.set)
    loop.add_reader(sys.stdin, told.set)  # a line, or the end of the pipe
    while not told.is_set() and os.getppid() == parent:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(told.wait(), _LOOK_S)
    loop.remove_reader(sys.stdin)
    return _reason()


def _reason() -> str:
    """What the parent says after ``because``, if it has said anything."""
    if not select.select([sys.stdin], [], [], 0)[0]:
        return ""
    word, _, reason = sys.stdin.readline().strip().partition(" ")
    return reason if word == BECAUSE else ""


if __name__ == "__main__":
    sys.exit(main())
