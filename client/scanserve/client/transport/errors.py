"""gRPC statuses to the exception tree of scanserve; the only place where they meet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import grpc

from scanserve.contracts import InferenceError, InputError, ScanserveError, ServerError

__all__ = ["Failure", "from_rpc_error", "to_error"]

#: Details from the server are cut to this many characters.
DETAILS_LIMIT = 300
#: The trailing metadata in which a server says after how many milliseconds to come back.
RETRY_AFTER = "retry-after-ms"
_MILLISECONDS = re.compile(r"\d{1,9}")


class Failure(Exception):  # noqa: N818 - not an error of the tree: it becomes one in to_error
    """A call that did not succeed: its gRPC ``status`` and the server's own words, ``details``.

    ``retry_after_s`` is given by a server that has too much to do: it has refused the call without any work, and
    asks for it again after so many seconds.
    """

    def __init__(
        self, status: grpc.StatusCode, details: str = "", retry_after_s: float | None = None
    ) -> None:
        super().__init__(status, details)
        self.status = status
        self.details = details
        self.retry_after_s = retry_after_s

    @property
    def retryable(self) -> bool:
        """Whether the same call may be sent again: on UNAVAILABLE, and where the server asks for it."""
        return self.status is grpc.StatusCode.UNAVAILABLE or self.retry_after_s is not None


class _Kind(NamedTuple):
    error: type[ScanserveError]
    code: str
    sentence: str


_S = grpc.StatusCode
_KINDS: Mapping[grpc.StatusCode, _Kind] = {
    _S.CANCELLED: _Kind(InferenceError, "request-cancelled", "the request was cancelled"),
    _S.UNKNOWN: _Kind(InferenceError, "inference-failed", "the server failed without a reason"),
    _S.INVALID_ARGUMENT: _Kind(InferenceError, "request-refused", "the server refused the request"),
    _S.DEADLINE_EXCEEDED: _Kind(ServerError, "deadline-exceeded", "the server did not answer in time"),
    _S.NOT_FOUND: _Kind(ServerError, "model-not-found", "the server does not have what was asked for"),
    _S.ALREADY_EXISTS: _Kind(InferenceError, "request-refused", "the server refused the request"),
    _S.PERMISSION_DENIED: _Kind(ServerError, "permission-denied", "the server does not allow this"),
    _S.UNAUTHENTICATED: _Kind(ServerError, "permission-denied", "the server does not know this client"),
    _S.RESOURCE_EXHAUSTED: _Kind(ServerError, "server-exhausted", "the server has no resources left"),
    _S.FAILED_PRECONDITION: _Kind(InferenceError, "request-refused", "the server refused the request"),
    _S.ABORTED: _Kind(InferenceError, "inference-failed", "the server aborted the request"),
    _S.OUT_OF_RANGE: _Kind(InferenceError, "request-refused", "the server refused the request"),
    _S.UNIMPLEMENTED: _Kind(ServerError, "not-supported", "the server does not offer this call"),
    _S.INTERNAL: _Kind(InferenceError, "inference-failed", "the server failed on the request"),
    _S.UNAVAILABLE: _Kind(ServerError, "server-unavailable", "the server cannot be reached"),
    _S.DATA_LOSS: _Kind(InferenceError, "inference-failed", "the server lost the request's data"),
}
_TOO_LARGE = _Kind(InputError, "volume-too-large", "the request or its answer is over the message limit")


def to_error(failure: Failure, url: str, model: str = "") -> ScanserveError:
    """The error of the tree for a failed call to ``url``, about ``model`` where it is about one."""
    kind = _kind(failure)
    about = f" for model {model!r}" if model else ""
    return kind.error(kind.code, f"{kind.sentence}{about} at {url}{_said(failure)}.")


def from_rpc_error(error: grpc.RpcError) -> Failure:
    """The failure in what grpc raised, blocking or asyncio."""
    return Failure(error.code(), error.details() or "", _retry_after_s(error))


def _retry_after_s(error: grpc.RpcError) -> float | None:
    """The seconds in the trailing metadata after which to come back; None without, or where it is no such number."""
    trailing = getattr(error, "trailing_metadata", tuple)  # not every RpcError has seen an answer
    for key, value in trailing() or ():
        if key == RETRY_AFTER and _MILLISECONDS.fullmatch(str(value)):
            return int(value) / 1000
    return None


def _kind(failure: Failure) -> _Kind:
    if failure.status is _S.RESOURCE_EXHAUSTED and "larger than max" in failure.details:
        return _TOO_LARGE
    return _KINDS[failure.status]


def _said(failure: Failure) -> str:
    """The server's words in brackets, on one line."""
    words = " ".join(failure.details.split())[:DETAILS_LIMIT].rstrip(".")
    return f" ({failure.status.name}: {words})" if words else f" ({failure.status.name})"
