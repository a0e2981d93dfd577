"""The inference server of the analyses: one of the node's own, one that runs elsewhere, or none."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from scanserve.contracts import SetupError, find_application
from scanserve.contracts.sharedmemory import SHM_KEY_VARIABLE
from scanserve.node import config

if TYPE_CHECKING:
    from scanserve.server import Embedded

__all__ = ["Server", "Serving"]

_LOG = logging.getLogger(__name__)
#: How long an analysis waits for a server that is being started again, seconds.
_READY_S = 300.0


@dataclass(frozen=True)
class Server:
    """What an analysis is told about the server: arguments of its command, and variables of its environment."""

    arguments: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)


class Serving:
    """Starts the node's own server when the first analysis needs it, and again if it has given up.

    It carries what the commands of ``applications`` need with the configured arguments, and no other model.
    """

    def __init__(self, analysis: config.Analysis, applications: Iterable[str]) -> None:
        self._analysis = analysis
        #: The models that the commands need, each once.
        self.models = [
            model
            for name in dict.fromkeys(applications)
            for model in find_application(name).models_for(analysis.arguments)
        ]
        self._embedded: Embedded | None = None
        self._lock = threading.Lock()

    def server(self) -> Server:
        """The server for one analysis.

        Raises:
            SetupError: code ``extra-missing``.
            ServerError: the server does not start.
        """
        if self._analysis.server == "each":
            return Server(_repository(self._analysis.model_repository))
        if self._analysis.server != "own":
            return Server(("--server", self._analysis.server, *_repository(self._analysis.model_repository)))
        with self._lock:
            embedded = self._running()
        environment = {SHM_KEY_VARIABLE: embedded.shared_memory_key}
        return Server(("--server", embedded.grpc_url, *_repository(embedded.model_repository)), environment)

    def stop(self) -> None:
        """End the node's own server."""
        with self._lock:
            if self._embedded is not None:
                self._embedded.stop()
                self._embedded = None

    def _running(self) -> Embedded:
        if self._embedded is not None and not self._embedded.wait_ready(_READY_S):
            _LOG.error("the inference server has given up; it is started anew")
            self._embedded.stop()
            self._embedded = None
        if self._embedded is None:
            self._embedded = self._start()
        return self._embedded

    def _start(self) -> Embedded:
        try:
            from scanserve.server import Embedded
        except ImportError as error:
            raise SetupError(
                "extra-missing", "the node's own server needs pip install 'scanserve[server]'."
            ) from error
        server = Embedded(self._analysis.model_repository, models=self.models)
        return server.start()


def _repository(path: Path | None) -> tuple[str, ...]:
    """Where the models are: with a server that runs, an analysis takes their hashes from there."""
    return () if path is None else ("--model-repository", str(path))
