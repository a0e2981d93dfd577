"""Tensors that came in a message, put into shared memory that the gate and Triton have in common.

Triton parses a message of 134 MB in about as much time as it takes to receive it; from shared memory it reads
at once.  Regions are made on demand, used again, and given back when nobody has needed them for a while.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import numpy as np

from scanserve.contracts.sharedmemory import SharedBlock, offsets
from scanserve.server.gate.head import Window

__all__ = ["Upload", "Uploads"]

_ROUNDING = 1 << 20
#: Idle regions that are kept, and for how long, seconds.
_MOST_IDLE = 2
_IDLE_S = 30.0


class Upload(SharedBlock):
    """One region of the gate's."""

    def __init__(self, prefix: str, size: int) -> None:
        super().__init__(f"{prefix}gate_", size)
        self.used_s = 0.0

    def write(self, contents: Sequence[memoryview]) -> list[Window]:
        """Copy ``contents`` in, one after another; where they are now.  Other threads may run meanwhile."""
        sizes = [content.nbytes for content in contents]
        windows = [Window(self.name, start, size) for start, size in zip(offsets(sizes), sizes, strict=True)]
        for content, window in zip(contents, windows, strict=True):
            target = np.frombuffer(self.memory, np.uint8, window.size, window.offset)
            np.copyto(target, np.frombuffer(content, np.uint8))
        return windows


class Uploads:
    """The regions of one gate.  ``register`` and ``unregister`` tell Triton of one (its name, key and size)."""

    def __init__(
        self,
        prefix: str,
        register: Callable[[str, str, int], Awaitable[None]],
        unregister: Callable[[str], Awaitable[None]],
    ) -> None:
        self._prefix = prefix
        self._register = register
        self._unregister = unregister
        self._idle: list[Upload] = []

    @contextlib.asynccontextmanager
    async def holding(self, contents: Sequence[memoryview]) -> AsyncIterator[list[Window]]:
        """Where ``contents`` are for the time of the block, which must not end before Triton has read them.

        Raises:
            OSError: where there is no memory.
        """
        sizes = [content.nbytes for content in contents]
        upload = await self._take(offsets(sizes)[-1] + sizes[-1])
        try:
            yield await asyncio.to_thread(upload.write, contents)
        finally:
            self._give_back(upload)

    async def trim(self, idle_s: float = _IDLE_S, most: int = _MOST_IDLE) -> None:
        """Give back what nobody has needed for ``idle_s`` seconds, and the oldest beyond ``most``."""
        now = asyncio.get_running_loop().time()
        kept = [upload for upload in self._idle if now - upload.used_s < idle_s][-most:]
        dropped, self._idle = [upload for upload in self._idle if upload not in kept], kept
        for upload in dropped:
            await self._unregister(upload.name)
            upload.close()

    async def _take(self, size: int) -> Upload:
        """The smallest idle region that holds ``size`` bytes and is at most twice as large, or a new one."""
        fitting = [upload for upload in self._idle if size <= upload.size <= max(2 * size, _ROUNDING)]
        if fitting:
            chosen = min(fitting, key=lambda upload: upload.size)
            self._idle.remove(chosen)
            return chosen
        upload = await asyncio.to_thread(Upload, self._prefix, -(-size // _ROUNDING) * _ROUNDING)
        try:
            await self._register(upload.name, upload.key, upload.size)
        except BaseException:
            upload.close()
            raise
        finally:
            upload.unlink()
        return upload

    def _give_back(self, upload: Upload) -> None:
        upload.used_s = asyncio.get_running_loop().time()
        self._idle.append(upload)
