"""What the gate answers instead of a result."""

from __future__ import annotations

import grpc

__all__ = ["Refusal", "invalid"]


class Refusal(Exception):  # noqa: N818 - an answer, not an error of this program
    """A gRPC status with one sentence, and after how many seconds it is worth asking again, if ever."""

    def __init__(self, status: grpc.StatusCode, details: str, retry_after_s: float | None = None) -> None:
        super().__init__(status, details)
        self.status = status
        self.details = details
        self.retry_after_s = retry_after_s

    def alone(self) -> Refusal:
        """The refusal without traceback, cause and context.

        A traceback keeps the frames that hold a request's message; and a task that has raised keeps them until Python
        collects cycles, which an idle gate never does.
        """
        self.__traceback__ = self.__cause__ = self.__context__ = None
        return self

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """The trailing metadata: when to come back, in our own words and in those of gRPC's retry policies."""
        if self.retry_after_s is None:
            return ()
        milliseconds = str(max(1, round(self.retry_after_s * 1000)))
        return ((RETRY_AFTER, milliseconds), (PUSHBACK, milliseconds))


#: Milliseconds to wait before the request is worth sending again.
RETRY_AFTER = "retry-after-ms"
#: The same for gRPC libraries that retry by themselves (gRFC A6).
PUSHBACK = "grpc-retry-pushback-ms"


def invalid(details: str) -> Refusal:
    """The refusal of a request that no server of these models could answer."""
    return Refusal(grpc.StatusCode.INVALID_ARGUMENT, details)
