"""The shared-memory regions that clients have registered: which exist, how large they are, and who reads them.

Triton 2.51 maps whatever key it is told, the python backend's own memory too, and unmaps a region under a
request that reads it.  So keys and sizes are checked before Triton hears of them, requests may name only
what is in this table, and a region in use is taken from Triton when its last reader is done.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scanserve.server.gate.head import Window
from scanserve.server.gate.refusal import Refusal, invalid

__all__ = ["MOST_REGIONS", "Region", "Regions"]

SHM = Path("/dev/shm")
MOST_REGIONS = 1024
_KEY = re.compile(r"/[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}")
#: How the memory of the servers themselves is called; it is not for clients.
_INTERNAL = ("triton_python_backend", "scanserve_server_", "sem.")
_LONGEST_NAME = 256
_LARGEST_REGION = 1 << 33


@dataclass(eq=False)
class Region:
    """One registered region.

    ``inner`` is its name in Triton, never used twice, so that clients' names do not reach it.  ``readers`` counts
    the requests that use the region, ``retired`` says that no new one may.
    """

    name: str
    inner: str
    key: str
    offset: int
    size: int
    descriptor: int = field(repr=False)
    readers: int = 0
    retired: bool = False

    def read(self, window: Window) -> bytes:
        """The bytes of ``window``; raises ``Refusal`` where the memory has become shorter."""
        content = os.pread(self.descriptor, window.size, self.offset + window.offset)
        if len(content) != window.size:
            raise _shrunk(self.name)
        return content

    def seen_by_triton(self, window: Window) -> Window:
        """``window`` with the name that Triton knows."""
        return Window(self.inner, window.offset, window.size)

    def close(self) -> None:
        """Let go of the memory; the region is not used any more."""
        os.close(self.descriptor)

    def check(self, window: Window) -> None:
        """Raises ``Refusal`` where ``window`` is not inside of the region, or the region has become shorter."""
        if not (0 <= window.offset <= self.size and 0 <= window.size <= self.size - window.offset):
            raise invalid(
                f"shared memory region {self.name!r} does not hold the bytes that the request names."
            )
        if os.fstat(self.descriptor).st_size < self.offset + self.size:
            raise _shrunk(self.name)


class Regions:
    """The table of one gate; used by one event loop."""

    def __init__(self, folder: Path = SHM) -> None:
        self._folder = folder
        self._table: dict[str, Region] = {}
        self._opening: dict[str, Region] = {}
        self._leaving: list[Region] = []
        self._opened = 0

    def __iter__(self) -> Iterator[Region]:
        return iter(self._table.values())

    def open(self, name: str, key: str, offset: int, size: int) -> Region:
        """Check what a client wants to register, and open it: to be followed by :meth:`add` or :meth:`abandon`.

        Raises:
            Refusal: ``INVALID_ARGUMENT`` where name, key or size are not those of a region of this user, or
                there are too many.
        """
        if not (0 < len(name) <= _LONGEST_NAME and name.isprintable()):
            raise invalid("a shared memory region must have a printable name of at most 256 characters.")
        if name in self._table or name in self._opening:
            raise invalid(f"shared memory region {name!r} is registered already.")
        if len(self._table) + len(self._opening) >= MOST_REGIONS:
            raise invalid(f"at most {MOST_REGIONS} shared memory regions can be registered.")
        if not _KEY.fullmatch(key) or key[1:].startswith(_INTERNAL):
            raise invalid("the key of a shared memory region must be /NAME of a region of the client.")
        if not (0 < size <= _LARGEST_REGION and 0 <= offset <= _LARGEST_REGION) or offset % mmap.PAGESIZE:
            raise invalid("a shared memory region must have a positive size, and an offset of whole pages.")
        self._opened += 1
        inner = f"client_{self._opened}"
        region = Region(name, inner, key, offset, size, self._descriptor(key, offset + size))
        self._opening[name] = region
        return region

    def add(self, region: Region) -> None:
        """Let a region be used, once Triton has mapped it."""
        self._table[region.name] = self._opening.pop(region.name)

    def abandon(self, region: Region) -> None:
        """Let go of a region that Triton could not map."""
        self._opening.pop(region.name).close()

    def retire(self, name: str) -> list[Region]:
        """Take a region out of the table; those that Triton may be told to drop now: it, unless it is in use."""
        region = self._table.pop(name, None)
        if region is None:
            return []
        region.retired = True
        return [] if region.readers else [region]

    @contextlib.contextmanager
    def using(self, windows: Sequence[Window]) -> Iterator[dict[str, Region]]:
        """Keep the regions of ``windows`` for the time of the block; afterwards see :meth:`unused`.

        Raises:
            Refusal: ``INVALID_ARGUMENT`` where one is unknown or too small.
        """
        regions = {window.region: self._known(window.region) for window in windows}
        for window in windows:
            regions[window.region].check(window)
        for region in regions.values():
            region.readers += 1
        try:
            yield regions
        finally:
            for region in regions.values():
                region.readers -= 1
                if region.retired and not region.readers:
                    self._leaving.append(region)

    def unused(self) -> list[Region]:
        """The retired regions whose last reader has gone since the last call."""
        leaving, self._leaving = self._leaving, []
        return leaving

    def _known(self, name: str) -> Region:
        if name not in self._table:
            # Clients know these words of Triton's and register again.
            raise invalid(f"Unable to find shared memory region: '{name[:_LONGEST_NAME]}'")
        return self._table[name]

    def _descriptor(self, key: str, end: int) -> int:
        try:
            descriptor = os.open(
                self._folder / key[1:], os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
            )
        except OSError as error:
            raise invalid(f"shared memory region {key!r} cannot be opened ({error.strerror}).") from error
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() and status.st_size >= end:
            return descriptor
        os.close(descriptor)
        raise invalid(f"shared memory region {key!r} must be this user's, and as large as it is said to be.")


def _shrunk(name: str) -> Refusal:
    return invalid(f"shared memory region {name!r} has become smaller than it was registered.")
