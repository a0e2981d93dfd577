"""The embedded server as a context manager."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from scanserve.contracts import ModelSpec, ServerError
from scanserve.server import files
from scanserve.server.canary import load_canaries, verify_canaries
from scanserve.server.gate.limits import Limits
from scanserve.server.health import wait_until_loaded
from scanserve.server.launcher import Launch, ServerProcess, choose_ports, shared_memory_key
from scanserve.server.options import LOOPBACK
from scanserve.server.repository import chosen_models, find_model_repository
from scanserve.server.supervisor import Event, Policy, Supervisor
from scanserve.server.watch import Patience, Watch

__all__ = ["Embedded"]

#: For how long a death may be about to show after a model has not answered, s.
_DEATH_SHOWS_S = 1.0


class Embedded:
    """A real tritonserver on loopback that serves models of one repository while the context is open.

    Entering returns once every model has given its stored canary answer.  A server that dies is started
    again on the same ports.  Leaving, and any end of this process, leaves no process, port or shared-memory
    region behind.

    Args:
        model_repository: the folder of models; found as by ``find_model_repository`` without.
        configuration: ``cpu`` picks ``configs/cpu.pbtxt`` of each model.
        grpc_port, http_port, metrics_port: ports on 127.0.0.1; 0 takes a free one.
        log_path: the server's log; in the user's state folder without.
        models: the contracts of the models to serve, an ensemble's members among them; all of the
            repository's without.
        require_canaries: whether a model without a stored answer keeps the server from being ready.
        check_canaries: whether models are asked for their stored answers at all; not, to write them anew.
        start_timeout_s: how long loading may take.
        limits: how many requests may run and wait, and how large one may be; by the contracts without.
        http_inference: whether Triton answers inference by HTTP as well, on loopback, around the gate and
            unchecked.  Without, the HTTP port answers questions about health alone.
        policy: how the server is watched and started again.
        patience: for how long a model may be silent before it is taken to hang.

    Raises:
        SetupError: codes ``model-repository-missing``, ``model-missing``.
        InputError: codes ``port-in-use``, ``shared-memory-key``, ``unknown-model``.

    Example:
        >>> with Embedded() as server:  # doctest: +SKIP
        ...     print(server.grpc_url)
        127.0.0.1:40023
    """

    def __init__(
        self,
        model_repository: str | os.PathLike[str] | None = None,
        *,
        configuration: str = "cpu",
        grpc_port: int = 0,
        http_port: int = 0,
        metrics_port: int = 0,
        log_path: str | os.PathLike[str] | None = None,
        models: Sequence[ModelSpec] | None = None,
        require_canaries: bool = True,
        check_canaries: bool = True,
        start_timeout_s: float = 300.0,
        limits: Limits | None = None,
        http_inference: bool = False,
        policy: Policy | None = None,
        patience: Patience | None = None,
    ) -> None:
        """Prepare a server; nothing runs yet."""
        repository = find_model_repository(model_repository)
        self.models = chosen_models(repository, models)
        ports = choose_ports(grpc_port, http_port, metrics_port)
        log = files.new_log(ports.grpc) if log_path is None else Path(log_path).resolve()
        self._launch = Launch(
            repository,
            self.models,
            ports,
            log,
            shared_memory_key(),
            configuration,
            limits=limits or Limits(),
            http_inference=http_inference,
        )
        self._asked = self.models if check_canaries else ()
        self._require_canaries = require_canaries
        self._start_timeout_s = start_timeout_s
        self._process: ServerProcess | None = None
        self._stopping = threading.Event()
        self._watch = Watch(self.models, ports, patience or Patience())
        self._supervisor = Supervisor(self._bring_up, ports.http, policy or Policy(), self._watch.look)

    @property
    def model_repository(self) -> Path:
        """The folder that holds the models."""
        return self._launch.repository

    @property
    def grpc_url(self) -> str:
        """``host:port`` of gRPC."""
        return f"{LOOPBACK}:{self._launch.ports.grpc}"

    @property
    def http_url(self) -> str:
        """``host:port`` of HTTP."""
        return f"{LOOPBACK}:{self._launch.ports.http}"

    @property
    def metrics_url(self) -> str:
        """``host:port`` of the Prometheus metrics, under ``/metrics``."""
        return f"{LOOPBACK}:{self._launch.ports.metrics}"

    @property
    def log_path(self) -> Path:
        """The server's log."""
        return self._launch.log_path

    @property
    def pid(self) -> int:
        """The process id of tritonserver; another one after a restart."""
        if self._process is None:
            raise ServerError("server-not-running", "the embedded server is not running.")
        return self._process.pid

    @property
    def gate_pid(self) -> int:
        """The process id of the gate; another one after a restart."""
        if self._process is None:
            raise ServerError("server-not-running", "the embedded server is not running.")
        return self._process.gate_pid

    @property
    def behind_gate(self) -> tuple[str, tuple[str, str]]:
        """Triton's own gRPC target and the metadata that opens it: to measure what the gate costs."""
        if self._process is None:
            raise ServerError("server-not-running", "the embedded server is not running.")
        return self._process.behind_gate

    @property
    def shared_memory_key(self) -> str:
        """The value of the header ``SHM_KEY_HEADER`` that opens the shared-memory protocol."""
        return self._launch.key

    @property
    def events(self) -> tuple[Event, ...]:
        """What happened to the server so far, in order."""
        return self._supervisor.events

    @property
    def ready(self) -> bool:
        """Whether the server has answered its canaries and no death has been seen since."""
        return self._supervisor.ready.is_set()

    def wait_ready(self, timeout_s: float) -> bool:
        """Wait until :attr:`ready`, through a restart if need be; whether it is."""
        return self._supervisor.ready.wait(timeout_s)

    def start(self) -> Embedded:
        """Start the server and return once it is ready.

        Raises:
            SetupError: codes ``extra-missing``, ``canary-missing``, ``canary-unreadable``.
            ServerError: codes ``machine-too-small``, ``server-start-failed``, ``server-start-timeout``,
                ``canary-failed``, ``canary-mismatch``.
        """
        load_canaries(self.model_repository, self._asked, required=self._require_canaries)
        files.start_log(self.log_path)
        self._supervisor.watch(self._bring_up_first())
        return self

    def stop(self) -> None:
        """End the server; nothing of it is left.  May be called again."""
        self._stopping.set()
        self._supervisor.stop()
        self._end_process()
        self._supervisor.join()
        self._end_process()

    def __enter__(self) -> Embedded:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _bring_up_first(self) -> ServerProcess:
        """Start, and once more where the server ended while starting.

        On a busy machine Triton 2.51's python backend now and then aborts while its stubs come up
        (boost::interprocess::lock_exception).  What is really wrong with a repository fails both times.
        """
        try:
            return self._bring_up()
        except ServerError as error:
            if error.code != "server-start-failed" or self._stopping.is_set():
                raise
        return self._bring_up()

    def _bring_up(self) -> ServerProcess:
        self._check_wanted()
        self._process = process = self._launch.start()
        try:
            self._check_wanted()
            wait_until_loaded(process, self._launch.ports.http, self._start_timeout_s)
            process.hide_secrets()
            self._verify(process)
        except BaseException:
            process.stop()
            raise
        return process

    def _check_wanted(self) -> None:
        if self._stopping.is_set():
            raise ServerError("server-not-running", "the embedded server was stopped.")

    def _verify(self, process: ServerProcess) -> None:
        """Ask for the canaries; who dies meanwhile has died while starting, whatever its models answered."""
        process.count_stubs(sum(spec.kind != "ensemble" for spec in self.models))
        failure: ServerError | None = None
        took_s: dict[str, float] = {}
        try:
            took_s = verify_canaries(
                self.grpc_url,
                self.model_repository,
                self._asked,
                required=self._require_canaries,
                key=self.shared_memory_key,
            )
        except ServerError as error:
            failure = error
        silent = failure is not None and failure.code == "canary-failed"
        reason = process.death_within(_DEATH_SHOWS_S) if silent else process.death()
        if reason:
            raise ServerError(
                "server-start-failed",
                f"{reason} while it was starting: {process.last_error() or 'no reason was logged'}; "
                f"its log is {process.log_path}.",
            ) from failure
        if failure is not None:
            raise failure
        self._watch.begin(process.pid, took_s)

    def _end_process(self) -> None:
        if self._process is not None:
            self._process.stop()
