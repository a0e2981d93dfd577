"""The connection of one run to its server: one that runs, or one of our own for as long as it takes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import numpy.typing as npt

from scanserve.client.runs.lasting import LastingClient
from scanserve.client.runs.resilience import WaitReady, infer_surviving, poll_ready
from scanserve.client.transport import TLS, Client
from scanserve.contracts import ModelSpec, SetupError

if TYPE_CHECKING:
    from scanserve.server import Embedded

__all__ = ["Connect", "Connection", "connect_to", "connected_to", "embedded_connection", "remote_connection"]


@dataclass(frozen=True)
class Connection:
    """A client of a server that serves the application, and where its models lie, if here."""

    client: Client
    wait_ready: WaitReady
    embedded: bool
    repository: Path | None

    def infer(self, spec: ModelSpec, inputs: Mapping[str, npt.NDArray]) -> dict[str, npt.NDArray]:
        """Run ``spec`` on ``inputs``, outliving one death of the server; raises as ``infer_surviving``."""
        return infer_surviving(self.client, spec, inputs, self.wait_ready)


#: Opens a connection for the time of a ``with`` block.
Connect = Callable[[], AbstractContextManager[Connection]]


@contextmanager
def remote_connection(
    url: str, tls: TLS | None, repository: Path | None, timeout_s: float, *, models: Sequence[ModelSpec]
) -> Iterator[Connection]:
    """A connection to a running server at ``url`` (HOST:PORT, gRPC), which is ready when all ``models`` are."""
    client = LastingClient(url, tls=tls, timeout_s=timeout_s)
    client.wait_ready = poll_ready(client, *(spec.name for spec in models))
    with client:
        yield Connection(client, client.wait_ready, False, repository)


def embedded_connection(
    repository: Path | None, timeout_s: float, *, models: Sequence[ModelSpec]
) -> EmbeddedConnection:
    """A connection to a server of our own that carries ``models``; it ends with the block."""
    return EmbeddedConnection(repository, timeout_s, models)


class EmbeddedConnection(AbstractContextManager[Connection]):
    """A connection to a server of our own, for the time of a ``with`` block.

    Another thread may ``cancel`` it while the server starts: entering then fails, and nothing of the server is left.

    Raises:
        SetupError: code ``extra-missing`` when the extra ``server`` is not installed.
    """

    def __init__(self, repository: Path | None, timeout_s: float, models: Sequence[ModelSpec]) -> None:
        """Start nothing yet."""
        self._repository, self._timeout_s, self._models = repository, timeout_s, models
        self._lock = threading.Lock()
        self._cancelled = False
        self._server: Embedded | None = None
        self._open = ExitStack()

    def __enter__(self) -> Connection:
        with ExitStack() as stack:
            server = stack.enter_context(self._prepared())
            connection = stack.enter_context(connected_to(server, self._timeout_s))
            self._open = stack.pop_all()
        return connection

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def cancel(self) -> None:
        """Let the server's start fail; what runs of it ends."""
        with self._lock:
            self._cancelled = True
        if self._server is not None:
            self._server.stop()

    def _prepared(self) -> Embedded:
        """A server that has not been started yet."""
        try:
            from scanserve.server import Embedded
        except ImportError as error:
            raise SetupError(
                "extra-missing",
                "without --server an embedded server is started, which needs pip install 'scanserve[server]'.",
            ) from error
        with self._lock:
            self._server = Embedded(self._repository, models=self._models)
            if self._cancelled:
                self._server.stop()
            return self._server


@contextmanager
def connected_to(server: Embedded, timeout_s: float) -> Iterator[Connection]:
    """A connection to an embedded server that runs already."""
    key = server.shared_memory_key
    client = LastingClient(server.grpc_url, timeout_s=timeout_s, shared_memory_key=key)
    reached = poll_ready(client, *(spec.name for spec in server.models))

    def wait_ready(timeout_s: float) -> bool:
        """The server may be back while the client's channel still waits before it connects again."""
        return server.wait_ready(timeout_s) and reached(timeout_s)

    client.wait_ready, client.started_here = wait_ready, True
    with client:
        yield Connection(client, wait_ready, True, Path(server.model_repository))


def connect_to(
    server: str | None,
    *,
    models: Sequence[ModelSpec],
    repository: Path | None = None,
    tls: TLS | None = None,
    timeout_s: float = 300.0,
) -> Connect:
    """How the command line connects: to ``server`` (HOST:PORT), or without one to its own; for ``models``."""
    if server is None:
        return partial(embedded_connection, repository, timeout_s, models=models)
    return partial(remote_connection, server, tls, repository, timeout_s, models=models)
