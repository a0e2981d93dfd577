"""The command line of tritonserver, as a value: what it may do, and where it listens.

Triton listens at Unix sockets in the server's private folder, where only its gate finds it (``gate``).  Triton
writes ``address:port`` whatever the address is, and takes a port of at least 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scanserve.contracts import CONFIGURATIONS, InputError

__all__ = ["GRPC_TARGET", "LOOPBACK", "METRICS_SOCKET", "Ports", "ServerOptions"]

LOOPBACK = "127.0.0.1"
_BACKENDS = ("python", "onnxruntime", "openvino")
_MIB = 1 << 20
#: Each python stub starts with this much shared memory and grows by as much; it never shrinks.
SHM_START_BYTES = _MIB
#: Where Triton's gRPC and its metrics are, seen from the private folder.
_GRPC_ADDRESS, _PORT = "unix:grpc", 1
GRPC_TARGET = f"{_GRPC_ADDRESS}:{_PORT}"
METRICS_SOCKET = "metrics"
#: Protocols that nobody may use, and those that only the gate may use.
_CLOSED = ("model-repository", "logging", "trace")
_GATE_ONLY = ("inference", "health", "metadata", "statistics", "model-config", "shared-memory")


@dataclass(frozen=True)
class Ports:
    """The three ports of a server, which its gate listens at."""

    grpc: int
    http: int
    metrics: int


@dataclass(frozen=True)
class ServerOptions:
    """What decides a server's command line.

    ``header`` and ``key`` are the metadata header (without Triton's prefix) and the secret with which the gate
    opens the protocols that it uses; ``closed_key`` is the secret, never told to anyone, on the closed ones.
    With ``http_port`` inference by HTTP is open to everyone on loopback, around the gate.
    """

    repository: Path
    backends: Path
    shm_prefix: str
    header: str
    key: str
    closed_key: str
    http_port: int | None = None
    configuration: str = "cpu"
    exit_timeout_s: int = 10

    def __post_init__(self) -> None:
        if self.configuration not in CONFIGURATIONS:
            known = ", ".join(CONFIGURATIONS)
            raise InputError(
                "unknown-configuration",
                f"configuration must be one of {known} but is {self.configuration!r}.",
            )

    def arguments(self) -> list[str]:
        """The arguments after the program's name."""
        return [*self._models(), *self._listening(), *self._restrictions(), *self._backend_settings()]

    def _models(self) -> list[str]:
        named = [] if self.configuration == "default" else [f"--model-config-name={self.configuration}"]
        return [
            f"--model-repository={self.repository}",
            "--model-control-mode=none",
            "--disable-auto-complete-config",
            *named,
            f"--backend-directory={self.backends}",
            f"--exit-timeout-secs={self.exit_timeout_s}",
            "--log-format=ISO8601",
        ]

    def _listening(self) -> list[str]:
        return [
            f"--grpc-address={_GRPC_ADDRESS}",
            f"--grpc-port={_PORT}",
            f"--metrics-address=unix:{METRICS_SOCKET}",
            f"--metrics-port={_PORT}",
            *self._http(),
            "--allow-gpu-metrics=false",
            "--allow-sagemaker=false",
            "--allow-vertex-ai=false",
            "--pinned-memory-pool-byte-size=0",
            "--cuda-memory-pool-byte-size=0:0",
        ]

    def _http(self) -> list[str]:
        if self.http_port is None:
            return ["--allow-http=false"]
        closed = ",".join((*_CLOSED, "shared-memory"))
        return [
            f"--http-address={LOOPBACK}",
            f"--http-port={self.http_port}",
            f"--http-restricted-api={closed}:{self.header}={self.closed_key}",
        ]

    def _restrictions(self) -> list[str]:
        rules = ((_GATE_ONLY, self.key), (_CLOSED, self.closed_key))
        return [f"--grpc-restricted-protocol={','.join(names)}:{self.header}={key}" for names, key in rules]

    def _backend_settings(self) -> list[str]:
        settings = {
            "shm-region-prefix-name": self.shm_prefix,
            "shm-default-byte-size": str(SHM_START_BYTES),
            "shm-growth-byte-size": str(SHM_START_BYTES),
        }
        return [
            f"--backend-config={backend},{name}={value}"
            for backend in _BACKENDS
            for name, value in settings.items()
        ]
