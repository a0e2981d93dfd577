"""How much of the disk the images take, and whether there is room for one more."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scanserve.contracts import InputError
from scanserve.node import config

__all__ = ["Room", "is_full"]

_GIB = 1 << 30


def is_full(error: OSError) -> bool:
    """Whether it says that there is no room, which passes."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


class Room:
    """The room that the configuration leaves.

    Args:
        folder: of the node; the disk that holds it is looked at.
        disk: the configuration.
        used: bytes of the images that are there.
    """

    def __init__(self, folder: Path, disk: config.Disk, used: int) -> None:
        self._folder = folder
        self._quota = round(disk.quota_gib * _GIB)
        self._reserve = round(disk.reserve_gib * _GIB)
        self._used = used
        self._lock = threading.Lock()

    @property
    def used(self) -> int:
        """Bytes of the images, and of those that are being received."""
        return self._used

    @property
    def quota(self) -> int:
        """Bytes that they may take."""
        return self._quota

    @contextmanager
    def taken(self, size: int) -> Iterator[None]:
        """Take ``size`` bytes; they are given back if the block fails.

        Raises:
            InputError: code ``disk-quota``.
        """
        with self._lock:
            if self._used + size > self._quota or self._free() - size < self._reserve:
                raise InputError("disk-quota", "there is no room for more images.")
            self._used += size
        try:
            yield
        except BaseException:
            self.give_back(size)
            raise

    def give_back(self, size: int) -> None:
        """Give back the room of images that are gone."""
        with self._lock:
            self._used -= size

    def _free(self) -> int:
        found = os.statvfs(self._folder)
        return found.f_bavail * found.f_frsize
