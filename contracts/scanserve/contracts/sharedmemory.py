"""System shared memory: the key of the protocol, and a block whose name is gone once a server has mapped it.

Clients write inputs where a server on the same machine reads them, the gate passes on what came in messages, and a
server asks its canaries so.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

__all__ = [
    "ALIGNMENT",
    "DIRECTORY",
    "SHM_KEY_HEADER",
    "SHM_KEY_HTTP_HEADER",
    "SHM_KEY_VARIABLE",
    "WORTH_IT",
    "SharedBlock",
    "offsets",
]

#: Environment variable with the key, for a server and a client that are started separately.
SHM_KEY_VARIABLE = "SCANSERVE_SHM_KEY"
#: The HTTP header that carries the key.
SHM_KEY_HTTP_HEADER = "scanserve-key"
#: The gRPC metadata header that carries the key; Triton adds a prefix on gRPC only.
SHM_KEY_HEADER = f"triton-grpc-protocol-{SHM_KEY_HTTP_HEADER}"
#: Where POSIX shared memory has its names on Linux; elsewhere there is none and gRPC carries the bytes.
DIRECTORY = Path("/dev/shm")
#: Fewer bytes than this go in the message: the copy costs less than the bookkeeping.
WORTH_IT = 1 << 20
#: Start of each tensor in a block, in bytes: a cache line, and enough for any vector unit.
ALIGNMENT = 64


def offsets(sizes: Iterable[int]) -> list[int]:
    """Where tensors of these sizes start in a block that holds them one after another, bytes.

    Example:
        >>> offsets([100, 7, 1])
        [0, 128, 192]
    """
    starts, end = [], 0
    for size in sizes:
        starts.append(-(-end // ALIGNMENT) * ALIGNMENT)
        end = starts[-1] + size
    return starts


class SharedBlock:
    """One named piece of shared memory, readable and writable by this user alone.

    Its maker takes the name away (:meth:`unlink`) as soon as the server has mapped it, so that nothing is left in
    ``/dev/shm`` even when this process is killed; the memory itself lives as long as one of the two maps it.

    Args:
        prefix: how the name begins; the rest is random.
        size: bytes.

    Raises:
        OSError: where there is no memory.
    """

    def __init__(self, prefix: str, size: int) -> None:
        self.name = f"{prefix}{secrets.token_hex(8)}"
        self.size = size
        self._path = DIRECTORY / self.name
        descriptor = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, size)  # a full /dev/shm is an OSError here, not a SIGBUS later
            self._map = mmap.mmap(descriptor, size)
        except BaseException:
            self.unlink()
            raise
        finally:
            os.close(descriptor)

    @property
    def key(self) -> str:
        """The key by which Triton maps it."""
        return f"/{self.name}"

    @property
    def memory(self) -> memoryview:
        """The block's bytes, writable."""
        return memoryview(self._map)

    def unlink(self) -> None:
        """Take the name away; mapped memory stays."""
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()

    def close(self) -> None:
        """Unmap; left to the garbage collector while a view is still in use."""
        with contextlib.suppress(BufferError):
            self._map.close()
