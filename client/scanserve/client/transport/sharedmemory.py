"""System shared memory: inputs are written where a server on the same machine reads them.

A region's name is taken away as soon as the server has mapped it.  Regions are kept registered and are written again by
later requests of about the same size.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import threading
from collections.abc import Iterator

from tritonclient.grpc import service_pb2

from scanserve.client.transport.calls import Call, Steps
from scanserve.client.transport.errors import Failure
from scanserve.client.transport.settings import Settings
from scanserve.contracts import ServerError
from scanserve.contracts.sharedmemory import SHM_KEY_HEADER, WORTH_IT, SharedBlock

__all__ = ["REGION_LIMIT", "Region", "SharedMemory"]

#: A client keeps at most this many regions registered, the idle ones of the least fitting sizes going first.
REGION_LIMIT = 4

_ROUNDING = 1 << 20
_REGISTER_TIMEOUT_S = 10.0
_CLOSE_TIMEOUT_S = 2.0
_PROBE_SIZE = mmap.PAGESIZE


class Region(SharedBlock):
    """One region of this client's.

    ``doubtful`` says that a request ended while the server may still be reading: such a region may be
    written again, but is never taken from the server (2.51 would read from an unmapped address).
    """

    def __init__(self, size: int) -> None:
        super().__init__(f"scanserve-{os.getpid()}-", size)
        self.doubtful = False


class SharedMemory:
    """The regions that one client has registered, and whether its server takes any.

    ``refusal`` is None until it is known, "" where regions can be used, else the reason why not.
    Safe to use from several threads; the lock is never held across a step.
    """

    def __init__(self, settings: Settings) -> None:
        self._mode = settings.shared_memory
        self._url = settings.target
        self._metadata = ((SHM_KEY_HEADER, settings.key),) if settings.key else ()
        self._lock = threading.Lock()
        self._free: list[Region] = []
        self._lent: set[Region] = set()
        self.refusal: str | None = "switched off" if self._mode == "never" else None

    @contextlib.contextmanager
    def returning(self, region: Region | None) -> Iterator[None]:
        """Give ``region`` back on the way out; doubtful if the request did not come to its end."""
        try:
            yield
        except BaseException as error:
            if region is not None:
                region.doubtful |= not isinstance(error, Failure) or _may_still_run(error)
            raise
        finally:
            with self._lock:
                if region in self._lent:
                    self._lent.remove(region)
                    self._free.append(region)

    def borrow(self, size: int) -> Steps[Region | None]:
        """A registered region of at least ``size`` bytes, or None where gRPC is to carry the bytes.

        Raises:
            ServerError: code ``shared-memory-refused`` in mode ``always``.
        """
        if self._mode == "auto" and size < WORTH_IT:
            return None
        if self.refusal is None:
            self.refusal = yield from self._probe()
        if self.refusal == "":
            region = self._take(size) or (yield from self._new(size))
            if region is not None:
                return region
        if self._mode == "always":
            reason = self.refusal or "the region could not be made or registered"
            raise ServerError(
                "shared-memory-refused", f"shared memory cannot be used with {self._url} ({reason})."
            )
        return None

    def forget(self) -> None:
        """Drop every region without a word to the server: it was restarted and no longer knows them."""
        with self._lock:
            dropped, self._free = self._free, []
            self._lent.clear()
        for region in dropped:
            region.close()

    def close(self) -> Steps[None]:
        """Take every region from the server that it is surely not reading."""
        with self._lock:
            dropped, self._free = self._free, []
        for region in dropped:
            yield from self._drop(region, _CLOSE_TIMEOUT_S)

    def _probe(self) -> Steps[str | None]:
        """Register and drop a tiny region: "" when that works, the reason when not, None when unclear."""
        try:
            region = yield from self._registered(_PROBE_SIZE)
        except OSError as error:
            return error.strerror or type(error).__name__
        except Failure as failure:
            unclear = failure.retryable and "restricted" not in failure.details
            return None if unclear else " ".join([failure.status.name, *failure.details.split()])
        yield from self._drop(region, _REGISTER_TIMEOUT_S)
        return ""

    def _new(self, size: int) -> Steps[Region | None]:
        """A new registered region, after making room for it; None where there is no memory for it."""
        for idle in self._surplus():
            yield from self._drop(idle, _REGISTER_TIMEOUT_S)
        try:
            region = yield from self._registered(-(-size // _ROUNDING) * _ROUNDING)
        except (OSError, Failure):
            return None
        with self._lock:
            self._lent.add(region)
        return region

    def _registered(self, size: int) -> Steps[Region]:
        region = Region(size)
        try:
            message = service_pb2.SystemSharedMemoryRegisterRequest(
                name=region.name, key=region.key, offset=0, byte_size=size
            )
            yield self._call("SystemSharedMemoryRegister", message, _REGISTER_TIMEOUT_S)
        except BaseException:
            region.close()
            raise
        finally:
            region.unlink()
        return region

    def _drop(self, region: Region, timeout_s: float) -> Steps[None]:
        if not region.doubtful:
            message = service_pb2.SystemSharedMemoryUnregisterRequest(name=region.name)
            with contextlib.suppress(Failure):
                yield self._call("SystemSharedMemoryUnregister", message, timeout_s)
        region.close()

    def _call(self, method: str, message: service_pb2.ModelInferRequest, timeout_s: float) -> Call:
        return Call(method, message.SerializeToString(), timeout_s, self._metadata)

    def _take(self, size: int) -> Region | None:
        """The smallest idle region that holds ``size`` bytes and is at most twice as large."""
        with self._lock:
            fitting = [region for region in self._free if size <= region.size <= max(2 * size, _ROUNDING)]
            if not fitting:
                return None
            region = min(fitting, key=lambda region: region.size)
            self._free.remove(region)
            self._lent.add(region)
            return region

    def _surplus(self) -> list[Region]:
        """Idle regions that must go before another is made, taken out of the pool."""
        with self._lock:
            count = max(0, len(self._free) + len(self._lent) + 1 - REGION_LIMIT)
            surplus, self._free = self._free[:count], self._free[count:]
        return surplus


def _may_still_run(failure: Failure) -> bool:
    """Whether the server may be working on the request although the client has its failure."""
    return failure.status.name in ("DEADLINE_EXCEEDED", "CANCELLED")
