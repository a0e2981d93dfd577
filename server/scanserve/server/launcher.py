"""Starting and ending one tritonserver process, through its guardian."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import select
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from scanserve.contracts import InputError, ModelSpec, ServerError
from scanserve.contracts.sharedmemory import SHM_KEY_HEADER, SHM_KEY_VARIABLE
from scanserve.server import files, folders, processes, shm
from scanserve.server.gate.limits import Limits
from scanserve.server.gate.orders import GateOrders
from scanserve.server.gate.process import GateProcess
from scanserve.server.needs import check_machine
from scanserve.server.options import GRPC_TARGET, LOOPBACK, METRICS_SOCKET, Ports, ServerOptions
from scanserve.server.orders import Orders
from scanserve.server.repository import link_models
from scanserve.server.runtime import Runtime, build_backend_directory, find_runtime, server_environment

__all__ = [
    "GATE_HEADER",
    "SHM_KEY_HEADER",
    "SHM_KEY_VARIABLE",
    "Launch",
    "ServerProcess",
    "choose_ports",
    "shared_memory_key",
]

#: How often somebody who waits for a death looks, s.
_LOOK_S = 0.02
#: The metadata header (without Triton's prefix) in which the gate shows Triton its secret.
GATE_HEADER = "scanserve-gate"
_KEY_PATTERN = re.compile(r"[A-Za-z0-9_-]{16,128}")
_LOG_TAIL = 1 << 16
_ERROR_LINE = re.compile(
    r"\S+Z E \d+ |error: |  what\(\): |.*(error while loading shared libraries|version `GLIBC)"
)
#: What every start without a GPU logs as an error.
_NO_ERROR = "CudaDriverHelper"
_LOADING = re.compile(r"\S+Z I \d+ model_lifecycle\S+ \"(loading: |successfully loaded ')([^:']+)")
#: A guardian is given this much longer than the server itself to end.
_GUARDIAN_EXTRA_S = 15.0
#: How long the guardian may take to start the server process, on a machine that is very busy.
_GUARDIAN_ANSWER_S = 60.0


@dataclass(frozen=True)
class Launch:
    """Everything that stays the same when a server is started again; of ``repository``, only ``models`` are served.

    ``key`` opens clients' shared memory.  With ``http_inference`` Triton itself answers at the HTTP port, around
    the gate.
    """

    repository: Path
    models: tuple[ModelSpec, ...]
    ports: Ports
    log_path: Path
    key: str
    configuration: str = "cpu"
    grace_s: float = 10.0
    limits: Limits = field(default_factory=Limits)
    http_inference: bool = False

    def start(self) -> ServerProcess:
        """Start a server process and its gate; the server is not ready yet.

        Raises:
            SetupError: code ``extra-missing``.
            ServerError: code ``machine-too-small``, ``server-start-failed`` when the process could not be started,
                or ``server-start-timeout`` when its guardian did not answer.
        """
        runtime = find_runtime()
        for prefix in shm.sweep():
            processes.end_marked(shm.mark(prefix), _GUARDIAN_EXTRA_S)
        folders.sweep()
        check_machine(self.models)
        prefix = shm.new_prefix()
        folder, held = folders.make(prefix)
        try:
            gate_key = secrets.token_urlsafe(32)
            orders = self._prepare(runtime, folder, prefix, gate_key)
            return ServerProcess(orders, self._gate(prefix, gate_key))
        except BaseException:
            folders.remove(folder)
            raise
        finally:
            os.close(held)  # the guardian holds it by now

    def _prepare(self, runtime: Runtime, folder: Path, prefix: str, gate_key: str) -> Orders:
        """Fill ``folder``; the orders to serve from it."""
        closed_key = secrets.token_urlsafe(32)
        models, backends = self._fill(runtime, folder)
        options = ServerOptions(
            repository=models,
            backends=backends,
            shm_prefix=prefix,
            header=GATE_HEADER,
            key=gate_key,
            closed_key=closed_key,
            http_port=self.ports.http if self.http_inference else None,
            configuration=self.configuration,
            exit_timeout_s=max(1, int(self.grace_s)),
        )
        environment = server_environment(runtime, cache=_openvino_cache(), temporary=folder)
        return Orders(
            command=(str(runtime.program), *options.arguments()),
            environment=environment,
            log_path=self.log_path,
            private_folder=folder,
            shm_prefix=prefix,
            grace_s=self.grace_s,
            secrets=(gate_key, closed_key),
        )

    def _gate(self, prefix: str, gate_key: str) -> GateOrders:
        """The orders of the gate in front of the server whose shared memory begins with ``prefix``."""
        return GateOrders(
            upstream=GRPC_TARGET,
            models=self.models,
            grpc=f"{LOOPBACK}:{self.ports.grpc}",
            http=None if self.http_inference else f"{LOOPBACK}:{self.ports.http}",
            metrics=f"{LOOPBACK}:{self.ports.metrics}",
            metrics_socket=METRICS_SOCKET,
            upstream_header=(GATE_HEADER, gate_key),
            shared_memory_key=self.key,
            shm_prefix=prefix,
            configuration=self.configuration,
            limits=self.limits,
        )

    def _fill(self, runtime: Runtime, folder: Path) -> tuple[Path, Path]:
        """Link the models and copy the backends into ``folder``; where they are."""
        try:
            models = link_models(self.repository, [spec.name for spec in self.models], folder / "models")
            return models, build_backend_directory(runtime, folder / "backends")
        except OSError as error:
            raise ServerError(
                "server-start-failed", f"the server's folder {folder} cannot be filled: {_reason(error)}."
            ) from error


class ServerProcess:
    """One running server with its guardian and its gate; ending it leaves nothing behind.

    Where one of the three ends, the server is to be ended.
    """

    def __init__(self, orders: Orders, gate: GateOrders | None = None) -> None:
        """Start the guardian with its orders, wait until the server process runs, and start the gate.

        Raises:
            ServerError: code ``server-start-failed``, with the reason that was logged.
        """
        self.log_path = orders.log_path
        self.shm_prefix = orders.shm_prefix
        self.private_folder = orders.private_folder
        self._gate: GateProcess | None = None
        #: Whether every request comes through the gate, so that none is left once the gate has ended.
        self._all_gated = gate is not None and gate.http is not None
        self._gate_header = (gate.upstream_header if gate else None) or ("", "")
        self._grace_s = orders.grace_s + _GUARDIAN_EXTRA_S
        self.pid = 0
        self.stubs: tuple[int, ...] = ()
        self.missing_stubs = 0
        self._guardian, log_start = _start_guardian(orders)
        self._send(orders.to_json() + "\n")
        answer = self._answer()
        if not answer:
            self.stop()
            reason = _last_line(self.log_path, log_start) or "no reason was logged"
            raise ServerError(
                "server-start-failed",
                f"the server process could not be started: {reason}; its log is {self.log_path}.",
            )
        self.pid = json.loads(answer)["pid"]
        if gate is not None:
            self._start_gate(gate)

    def look_for_stubs(self) -> None:
        """Remember the stubs that run now beside those seen before; any of them that ends has died.

        While a model loads Triton starts a stub without arguments as well, which ends by itself.
        """
        running = [pid for pid in processes.descendants(self.pid) if self._is_stub(pid)]
        self.stubs = tuple(dict.fromkeys([*self.stubs, *running]))

    def count_stubs(self, expected: int) -> None:
        """Once the server has loaded its models, ``expected`` stubs should run, or more."""
        self.look_for_stubs()
        self.missing_stubs = max(0, expected - len(self.stubs))

    def death(self) -> str:
        """What has died of the server: itself or stubs; empty while all of it runs."""
        status = self.exit_status()
        if status is not None:
            return f"the server ended with status {status}"
        if not processes.is_alive(self.pid):
            return "the server ended"  # its guardian is about to say how
        dead = self.missing_stubs + sum(not processes.is_alive(pid) for pid in self.stubs)
        return f"{dead} of {len(self.stubs) + self.missing_stubs} stubs died" if dead else ""

    def death_within(self, seconds: float) -> str:
        """As :meth:`death`, waiting for one to show: a process closes its sockets before it can be seen to end."""
        end = time.monotonic() + seconds
        while not (reason := self.death()) and time.monotonic() < end:
            time.sleep(_LOOK_S)
        return reason

    @property
    def gate_pid(self) -> int:
        """The process id of the gate; 0 where there is none."""
        return 0 if self._gate is None else self._gate.pid

    @property
    def behind_gate(self) -> tuple[str, tuple[str, str]]:
        """Triton's own gRPC target, and the metadata that opens it."""
        name, secret = self._gate_header
        target = GRPC_TARGET.replace("unix:", f"unix:{self.private_folder}/")
        return target, (f"triton-grpc-protocol-{name}", secret)

    @property
    def guardian_pid(self) -> int:
        """The process id of the guardian."""
        return self._guardian.pid

    def exit_status(self) -> int | None:
        """The exit status once the server or its gate has ended, else ``None``."""
        status = self._guardian.poll()
        return self._gate.exit_status() if status is None and self._gate is not None else status

    def hide_secrets(self) -> None:
        """Blank the secrets in the server's command line; call it once the server answers."""
        self._send("hide\n")

    def stop(self, *, at_once: bool = False, reason: str = "") -> None:
        """End the server (``at_once``: without waiting for its requests) and wait until nothing is left.

        The gate goes first: it takes no more requests, and conveys the answers to those under way, or the
        ``reason`` why there are none.  Where all come through it the server itself has nothing left to do then, and
        is not asked to unload its models, for which it takes more than two seconds.
        """
        if self._gate is not None:
            self._gate.stop(at_once=at_once, reason=reason)
        self._send(
            "kill\n" if at_once or self._all_gated else "stop\n"
        )  # a forked child of ours may keep the pipe open, so closing is not enough
        for pipe in (self._guardian.stdin, self._guardian.stdout):
            if pipe is not None and not pipe.closed:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            self._guardian.wait(self._grace_s)
        except subprocess.TimeoutExpired:
            self._guardian.kill()
            self._guardian.wait()
        if self._guardian.returncode < 0:
            # The kernel has asked the server to end; its stubs may wait for ever for one that has.
            processes.end_marked(shm.mark(self.shm_prefix), _GUARDIAN_EXTRA_S)
            shm.remove(self.shm_prefix)
            folders.remove(self.private_folder)

    def last_error(self) -> str:
        """Why the server failed, from its log; empty when it does not say."""
        return last_error(self.log_path)

    def still_loading(self) -> tuple[str, ...]:
        """The models that the server had begun to load and has not, from its log."""
        return still_loading(self.log_path)

    def has_stub(self, model: str) -> bool:
        """Whether a stub of ``model`` runs; it is told the model's folder among the links."""
        folder = str(self.private_folder / "models" / model) + os.sep
        return any(argument.startswith(folder) for pid in self.stubs for argument in processes.arguments(pid))

    def _is_stub(self, pid: int) -> bool:
        """Whether it is told a region of ours; a fork has its parent's arguments until it starts what it is for."""
        arguments = processes.arguments(pid)
        told = any(argument.startswith(self.shm_prefix) for argument in arguments)
        return told and arguments != processes.arguments(processes.parent(pid))

    def _answer(self) -> bytes:
        """The guardian's first line; empty when it ended instead."""
        assert self._guardian.stdout is not None
        if select.select([self._guardian.stdout], [], [], _GUARDIAN_ANSWER_S)[0]:
            return self._guardian.stdout.readline()
        self.stop()
        raise ServerError(
            "server-start-timeout",
            f"the guardian of the server did not start it within {_GUARDIAN_ANSWER_S:g} s; "
            f"its log is {self.log_path}.",
        )

    def _start_gate(self, orders: GateOrders) -> None:
        try:
            self._gate = GateProcess(orders, self.log_path, self.private_folder)
        except BaseException:
            self.stop(at_once=True)
            raise

    def _send(self, text: str) -> None:
        assert self._guardian.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # ended, or closed by stop
            self._guardian.stdin.write(text.encode())
            self._guardian.stdin.flush()


def last_error(log_path: Path) -> str:
    """Why the server says it failed: the first model that failed to load, else its last error line."""
    with contextlib.suppress(OSError):
        lines = log_path.read_text(errors="replace")[-_LOG_TAIL:].splitlines()
        errors = [_log_message(line) for line in lines if _ERROR_LINE.match(line) and _NO_ERROR not in line]
        failed = [error for error in errors if error.startswith("failed to load '")]
        return (failed or errors[-1:] or [""])[0]
    return ""


def still_loading(log_path: Path) -> tuple[str, ...]:
    """The models that a log says are being loaded and not that they are, sorted."""
    loading: set[str] = set()
    with contextlib.suppress(OSError):
        for found in _LOADING.finditer(log_path.read_text(errors="replace")):
            (loading.add if found[1] == "loading: " else loading.discard)(found[2])
    return tuple(sorted(loading))


def _log_message(line: str) -> str:
    """A log line without time and place, cut to its first line (Triton escapes line breaks)."""
    message = line.split("] ", 1)[-1].strip().removeprefix("what():").strip()
    return message.strip('"').split("\\n")[0][:300]


def choose_ports(grpc: int = 0, http: int = 0, metrics: int = 0) -> Ports:
    """Ports that are free on loopback; a 0 is replaced by any free one.

    Raises:
        InputError: code ``port-in-use`` when a port asked for is taken or not a port.
    """
    with contextlib.ExitStack() as stack:
        return Ports(*(_reserve(stack, port) for port in (grpc, http, metrics)))


def shared_memory_key() -> str:
    """The secret of a launch: what :data:`SHM_KEY_VARIABLE` holds, else a new random one.

    Raises:
        InputError: code ``shared-memory-key`` when the variable holds anything else than such a secret.
    """
    key = os.environ.get(SHM_KEY_VARIABLE)
    if key is None:
        return secrets.token_urlsafe(32)
    if not _KEY_PATTERN.fullmatch(key):
        raise InputError(
            "shared-memory-key", f"{SHM_KEY_VARIABLE} must be 16 to 128 letters, digits, '_' or '-'."
        )
    return key


def _start_guardian(orders: Orders) -> tuple[subprocess.Popen[bytes], int]:
    """The guardian, which still waits for its orders, and the byte of the log where its output begins."""
    try:
        with open(orders.log_path, "ab") as log:
            start = log.tell()
            guardian = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "scanserve.server.guardian"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=orders.private_folder,
                env=_guardian_environment(),
                start_new_session=True,
            )
            return guardian, start
    except OSError as error:
        raise ServerError(
            "server-start-failed", f"the server process could not be started: {error}."
        ) from error


def _last_line(log_path: Path, start: int) -> str:
    """The last line of what the log holds from byte ``start`` on; empty when there is none."""
    with open(log_path, "rb") as log:
        log.seek(start)
        lines = log.read().decode(errors="replace").strip().splitlines()
    return _log_message(lines[-1]) if lines else ""


def _reserve(stack: contextlib.ExitStack, port: int) -> int:
    server = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind((LOOPBACK, port))
    except (OSError, OverflowError) as error:
        raise InputError("port-in-use", f"port {port} on {LOOPBACK} cannot be taken: {error}.") from error
    return server.getsockname()[1]


def _openvino_cache() -> Path | None:
    """Where OpenVINO keeps compiled models; nowhere where it could not read the name."""
    cache = files.cache_folder() / "openvino"
    try:
        str(cache).encode()
    except UnicodeEncodeError:
        return None
    cache.mkdir(mode=0o700, exist_ok=True)
    return cache


def _reason(error: OSError) -> str:
    """What the system says; copying a tree gathers several such errors and hides the first in a list."""
    if isinstance(error, shutil.Error):
        return str(error.args[0][0][2])
    return error.strerror or str(error)


def _guardian_environment() -> dict[str, str]:
    # The guardian imports this package the way this process does.
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
