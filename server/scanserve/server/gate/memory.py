"""The shared-memory calls: answered from the gate's own table, which Triton is told of after the checks."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from tritonclient.grpc import service_pb2

from scanserve.contracts.sharedmemory import SHM_KEY_HEADER
from scanserve.server.gate.background import Background
from scanserve.server.gate.call import Answer, Call
from scanserve.server.gate.infer import drop
from scanserve.server.gate.refusal import Refusal, invalid
from scanserve.server.gate.regions import Region, Regions
from scanserve.server.gate.upstream import Upstream

__all__ = ["SharedMemory"]


class SharedMemory:
    """Answers for those who show ``key``; without a key nobody may use shared memory."""

    def __init__(self, upstream: Upstream, regions: Regions, key: str | None, background: Background) -> None:
        self._upstream = upstream
        self._regions = regions
        self._key = key
        self._background = background

    @property
    def answers(self) -> Mapping[str, Answer]:
        """The calls by name."""
        return {
            "SystemSharedMemoryRegister": self._register,
            "SystemSharedMemoryUnregister": self._unregister,
            "SystemSharedMemoryStatus": self._status,
        }

    async def _register(self, call: Call) -> bytes:
        wanted = self._read(call, service_pb2.SystemSharedMemoryRegisterRequest)
        region = self._regions.open(wanted.name, wanted.key, wanted.offset, wanted.byte_size)
        await self._background.finish(self._map(region))
        return b""

    async def _map(self, region: Region) -> None:
        try:
            await self._upstream.register(region.inner, region.key, region.size, region.offset)
        except BaseException:
            self._regions.abandon(region)
            raise
        self._regions.add(region)

    async def _unregister(self, call: Call) -> bytes:
        wanted = self._read(call, service_pb2.SystemSharedMemoryUnregisterRequest)
        names = [wanted.name] if wanted.name else [region.name for region in self._regions]
        for name in names:
            for region in self._regions.retire(name):
                await self._background.finish(drop(self._upstream, region))
        return b""

    async def _status(self, call: Call) -> bytes:
        wanted = self._read(call, service_pb2.SystemSharedMemoryStatusRequest).name
        answer = service_pb2.SystemSharedMemoryStatusResponse()
        for region in self._regions:
            if wanted in ("", region.name):
                told = answer.regions[region.name]
                told.name, told.key = region.name, region.key
                told.offset, told.byte_size = region.offset, region.size
        return answer.SerializeToString()

    def _read(self, call: Call, kind: Any) -> Any:
        """The request of a caller who has shown the key."""
        shown = call.metadata.get(SHM_KEY_HEADER, "")
        if self._key is None or not hmac.compare_digest(shown.encode(), self._key.encode()):
            raise Refusal(
                grpc.StatusCode.PERMISSION_DENIED,
                f"This protocol is restricted, expecting header '{SHM_KEY_HEADER}'",
            )
        try:
            return kind.FromString(call.message)
        except DecodeError as error:
            raise invalid("the request is malformed.") from error
