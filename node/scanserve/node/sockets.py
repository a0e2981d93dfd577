"""Sockets of associations are closed when their connection ends, and wait for nobody for ever.

pynetdicom 3.0 shuts a socket down and closes it in one step, and leaves it open where the peer was faster with the
first half.  The garbage collector finds such a socket later; a node that runs for months does not rely on that.  It
also waits without an end for the rest of a message that has begun.
"""

from __future__ import annotations

import socket
import weakref
from collections.abc import Callable

from pynetdicom import evt

__all__ = ["closing_handlers"]


def closing_handlers(silence_s: float) -> list[tuple[object, Callable[[evt.Event], None]]]:
    """Handlers for the events of an entity that acts as either side.

    Args:
        silence_s: how long the other side may stop in the middle of a message, seconds.
    """
    opened: weakref.WeakKeyDictionary[object, socket.socket] = weakref.WeakKeyDictionary()

    def remember(event: evt.Event) -> None:
        found = event.assoc.dul.socket
        if found is not None and found.socket is not None:
            found.socket.settimeout(silence_s)
            opened[event.assoc] = found.socket

    def close(event: evt.Event) -> None:
        found = opened.pop(event.assoc, None)
        if found is not None:
            found.close()

    return [(evt.EVT_CONN_OPEN, remember), (evt.EVT_CONN_CLOSE, close)]
