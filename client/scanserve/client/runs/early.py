"""A connection that opens in a thread of its own, while the study is still being read and decided."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Generic, Protocol, TypeVar, runtime_checkable

import numpy.typing as npt

from scanserve.client.runs.connection import Connect, Connection
from scanserve.client.runs.timing import Stopwatch
from scanserve.contracts import ModelSpec

__all__ = ["Cancellable", "Opening"]

T = TypeVar("T")


@runtime_checkable
class Cancellable(Protocol):
    """A context manager whose entering can be cut short from another thread."""

    def cancel(self) -> None:
        """Let whoever enters it fail soon; what was begun is undone."""


class Opening(Generic[T]):
    """A connection on its way; leaving the context closes it, or cancels what has not been opened yet.

    Args:
        connect: opens the connection.
        ask: what to ask of it at once; its answer is :attr:`answer`.
        stopwatch: records how long that takes.

    Example:
        >>> from contextlib import nullcontext
        >>> connection = Connection(None, lambda timeout_s: True, True, None)
        >>> ask = lambda connection: connection.embedded
        >>> with Opening(lambda: nullcontext(connection), ask, Stopwatch()) as opening:
        ...     opening.answer
        True
    """

    def __init__(self, connect: Connect, ask: Callable[[Connection], T], stopwatch: Stopwatch) -> None:
        """Begin to open."""
        self._ask, self._stopwatch = ask, stopwatch
        self._manager = connect()
        self._open = ExitStack()
        self._found: tuple[Connection, T] | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="scanserve-connect", daemon=True)
        self._thread.start()

    @property
    def answer(self) -> T:
        """What was asked at once; waits for it, and raises what opening the connection raised."""
        return self._wait()[1]

    def infer(self, spec: ModelSpec, inputs: Mapping[str, npt.NDArray]) -> dict[str, npt.NDArray]:
        """Run ``spec`` on ``inputs`` once the connection is open; raises what that raises as well."""
        with self._stopwatch.waiting():
            connection, _ = self._wait()
        return connection.infer(spec, inputs)

    def check(self) -> None:
        """Raise what opening has raised, if it has failed by now.

        What cannot be cancelled was started by others and is there or absent at once: its answer is waited for.
        """
        if not isinstance(self._manager, Cancellable):
            self._thread.join()
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Close the connection, or cancel its opening; nothing of it is left.  May be called again."""
        if self._thread.is_alive() and isinstance(self._manager, Cancellable):
            self._manager.cancel()
        self._thread.join()
        self._open.close()

    def __enter__(self) -> Opening[T]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        try:
            with self._stopwatch.span("server start"):
                connection = self._open.enter_context(self._manager)
                self._found = connection, self._ask(connection)
        except BaseException as error:  # raised where it is waited for
            self._error = error

    def _wait(self) -> tuple[Connection, T]:
        self._thread.join()
        self.check()
        assert self._found is not None  # only who closes cancels, and then nobody asks
        return self._found
