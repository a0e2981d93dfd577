"""What every peer does, whatever it speaks, and how it may fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from scanserve.contracts import ServerError

__all__ = ["PeerAbsentError", "PeerRefusedError", "Sender"]


class PeerAbsentError(ServerError):
    """The peer cannot be reached, or asks to be left alone for now: it is tried again for as long as it takes."""

    def __init__(self, name: str) -> None:
        super().__init__("peer-absent", f"the peer {name!r} cannot be reached.")

    def __reduce__(self) -> tuple:
        """Rebuild from the sentence."""
        return ServerError, (self.code, self.message)


class PeerRefusedError(ServerError):
    """The peer does not take an object."""

    def __init__(self, name: str) -> None:
        super().__init__("peer-refused", f"the peer {name!r} does not take an object.")

    def __reduce__(self) -> tuple:
        """Rebuild from the sentence."""
        return ServerError, (self.code, self.message)


#: Called with a file, and with the error where the peer does not take it.
Told = Callable[[Path, PeerRefusedError | None], None]


class Sender(Protocol):
    """A connection to one peer, opened for one result at a time."""

    def send(self, files: Sequence[Path], told: Told) -> None:
        """Send files, and tell of each what became of it.

        Raises:
            PeerAbsentError: the peer cannot be reached; what was told stays true.
        """
