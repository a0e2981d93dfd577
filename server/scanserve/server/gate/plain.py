"""The calls that ask about the server and its models: small, checked for form, passed on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from tritonclient.grpc import service_pb2

from scanserve.server.gate.call import Answer, Call
from scanserve.server.gate.refusal import Refusal, invalid
from scanserve.server.gate.upstream import CALL_S, Upstream

__all__ = ["CLOSED", "Plain"]

#: Calls that nobody may make: they change the server, or reach what only it should.
CLOSED = (
    "ModelStreamInfer",
    "RepositoryIndex",
    "RepositoryModelLoad",
    "RepositoryModelUnload",
    "TraceSetting",
    "LogSettings",
    "CudaSharedMemoryStatus",
    "CudaSharedMemoryRegister",
    "CudaSharedMemoryUnregister",
)
_PASSED = (
    "ServerLive",
    "ServerReady",
    "ServerMetadata",
    "ModelReady",
    "ModelMetadata",
    "ModelConfig",
    "ModelStatistics",
)
_NAME, _VERSION = re.compile(r"[A-Za-z0-9_.-]{0,128}"), re.compile(r"\d{0,9}")
_LONGEST = 1024
_MOST_AT_ONCE = 256
_COME_BACK_S = 0.1


class Plain:
    """Passes calls on to ``upstream``, a bounded number at once."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._under_way = 0

    @property
    def answers(self) -> Mapping[str, Answer]:
        """The calls by name."""
        return {
            method: partial(self._pass, method, getattr(service_pb2, f"{method}Request"))
            for method in _PASSED
        }

    async def _pass(self, method: str, kind: Any, call: Call) -> bytes:
        payload = _rewritten(kind, call.message)
        remaining = call.remaining()
        if self._under_way >= _MOST_AT_ONCE:
            raise Refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, "too many calls are under way.", _COME_BACK_S)
        self._under_way += 1
        try:
            return await self._upstream.call(
                method, payload, CALL_S if remaining is None else min(CALL_S, remaining)
            )
        finally:
            self._under_way -= 1


def _rewritten(kind: Any, message: bytes) -> bytes:
    """The request, written anew from the fields that are known."""
    if len(message) > _LONGEST:
        raise invalid("the request is too long.")
    try:
        asked = kind.FromString(message)
    except DecodeError as error:
        raise invalid("the request is malformed.") from error
    asked.DiscardUnknownFields()
    if not _NAME.fullmatch(getattr(asked, "name", "")) or not _VERSION.fullmatch(
        getattr(asked, "version", "")
    ):
        raise invalid(
            "a model's name has letters, digits, '_', '.' and '-' only, and its version is a number."
        )
    return asked.SerializeToString()
