"""Noticing a model that hangs: its process lives, and Triton calls it ready, but nothing is answered.

The gate knows for how long requests of each model have been running without an answer to any of them.  That is no
measure of load: a long queue is answered one by one.  A model that nobody has asked for a while is sent its canary
now and then, so that a hung one is noticed before a user needs it; and a process that was stopped (SIGSTOP) is seen
as such at once.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scanserve.contracts import ModelSpec, ServerError
from scanserve.server import processes
from scanserve.server.canary import ask_canary
from scanserve.server.options import LOOPBACK, Ports

__all__ = ["Patience", "Watch"]

_GAUGE = re.compile(r'scanserve_gate_(silent|idle)_seconds\{model="([^"]+)"\} ([0-9.]+)')
_MODEL_FOLDER = re.compile(r"/models/([A-Za-z0-9_.-]+)/")
_PATH, _ANSWER_S = "/metrics/gate", 5.0
#: A process that was stopped.
_STOPPED = "T"


@dataclass(frozen=True)
class Patience:
    """For how long a model may be silent, and how often it is asked.

    What a model may take scales with what its canary took when the server started, on this machine.

    Attributes:
        every_s: between two looks.
        least_s: silence that is allowed every model.
        runs: beside that, so many runs, each as long as its canary for every item of a full batch.
        canary_s: an idle model is asked after so many seconds, ...
        canary_share: ... or later, so that its canaries take at most this share of the time.
    """

    every_s: float = 5.0
    least_s: float = 30.0
    runs: float = 10.0
    canary_s: float = 60.0
    canary_share: float = 0.005

    def silence_s(self, spec: ModelSpec, took_s: float) -> float:
        """How long ``spec``, whose canary took ``took_s``, may run without an answer."""
        return self.least_s + self.runs * max(1, spec.max_batch_size) * took_s

    def idle_s(self, took_s: float) -> float:
        """After how many idle seconds a model is sent its canary."""
        return max(self.canary_s, took_s / self.canary_share)


@dataclass(frozen=True)
class _Quiet:
    """For how long a model has been running without an answer, and idle; one of them is 0."""

    silent_s: float = 0.0
    idle_s: float = 0.0


class Watch:
    """Looks at the models of one server; used by its supervisor's thread."""

    def __init__(
        self,
        models: Sequence[ModelSpec],
        ports: Ports,
        patience: Patience,
        ask: Callable[[str, ModelSpec], None] = ask_canary,
    ) -> None:
        """Watch nothing yet; ``ask`` sends the canary of a model to a gRPC address."""
        members = {step.model for spec in models for step in spec.steps}
        self._asked = [spec for spec in models if spec.name not in members]
        self._models = {spec.name: spec for spec in models}
        self._ports = ports
        self._patience = patience
        self._ask = ask
        self._took_s: Mapping[str, float] = {}
        self._pid = 0
        self._looked = 0.0
        self._stopped: frozenset[int] = frozenset()

    def begin(self, pid: int, took_s: Mapping[str, float]) -> None:
        """Watch the server ``pid``, the canaries of whose models took so many seconds; others are not watched."""
        self._pid = pid
        self._took_s = took_s
        self._looked = time.monotonic()
        self._stopped = frozenset()

    def look(self) -> str:
        """Which model hangs, in words; empty while none does, and between two looks."""
        now = time.monotonic()
        if not self._took_s or now - self._looked < self._patience.every_s:
            return ""
        self._looked = now
        return self._see_stopped() or self._see_silent()

    def _see_stopped(self) -> str:
        """A process that is stopped, at this look and at the one before."""
        stopped = frozenset(pid for pid in processes.descendants(self._pid) if _state(pid) == _STOPPED)
        again, self._stopped = stopped & self._stopped, stopped
        return f"the process of model {_model_of(min(again))} is stopped" if again else ""

    def _see_silent(self) -> str:
        quiet = _read_quiet(self._ports.metrics)
        for name, took_s in self._took_s.items():
            silent_s = quiet.get(name, _Quiet()).silent_s
            if silent_s > self._patience.silence_s(self._models[name], took_s):
                return f"model {name} did not answer for {silent_s:.0f} s"
        for spec in self._asked:
            took = self._took_s.get(spec.name)
            if took is not None and quiet.get(spec.name, _Quiet()).idle_s > self._patience.idle_s(took):
                self._send_canary(spec)
        return ""

    def _send_canary(self, spec: ModelSpec) -> None:
        """Ask a model, and leave it to the next looks whether it answers."""

        def ask() -> None:
            with contextlib.suppress(ServerError):
                self._ask(f"{LOOPBACK}:{self._ports.grpc}", spec)

        threading.Thread(target=ask, name=f"scanserve-canary-{spec.name}", daemon=True).start()


def _read_quiet(port: int) -> dict[str, _Quiet]:
    """What the gate says of each model; nothing where it does not answer."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=_ANSWER_S)
    try:
        connection.request("GET", _PATH)
        text = connection.getresponse().read().decode()
    except (OSError, http.client.HTTPException):
        return {}
    finally:
        connection.close()
    found: dict[str, dict[str, float]] = {}
    for what, model, seconds in _GAUGE.findall(text):
        found.setdefault(model, {})[f"{what}_s"] = float(seconds)
    return {model: _Quiet(**values) for model, values in found.items()}


def _state(pid: int) -> str:
    """The letter of a process's state; empty where it is gone."""
    with contextlib.suppress(OSError):
        return Path("/proc", str(pid), "stat").read_text().rsplit(")", 1)[1].split()[0]
    return ""


def _model_of(pid: int) -> str:
    """The model that a stub computes, from its command line."""
    with contextlib.suppress(OSError):
        arguments = Path("/proc", str(pid), "cmdline").read_bytes().decode(errors="replace")
        found = _MODEL_FOLDER.search(arguments)
        if found:
            return found[1]
    return f"process {pid}"
