"""The command line of tritonserver, as a value: what it may do, and where it listens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scanserve.contracts import CONFIGURATIONS, InputError

__all__ = ["LOOPBACK", "Ports", "ServerOptions"]

LOOPBACK = "127.0.0.1"
_BACKENDS = ("python", "onnxruntime", "openvino")
_MIB = 1 << 20
#: Each python stub starts with this much shared memory and grows by as much; it never shrinks.
SHM_START_BYTES = _MIB
#: Protocols that nobody may use, on gRPC and HTTP alike.
_CLOSED = ("model-repository", "logging", "trace")


@dataclass(frozen=True)
class Ports:
    """The three ports of a server."""

    grpc: int
    http: int
    metrics: int


@dataclass(frozen=True)
class ServerOptions:
    """What decides a server's command line.

    ``header`` and ``key`` are the metadata header (without Triton's prefix) and the secret that opens the
    shared-memory protocol; ``closed_key`` is the secret, never told to anyone, on the closed protocols.
    """

    repository: Path
    backends: Path
    ports: Ports
    shm_prefix: str
    header: str
    key: str
    closed_key: str
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
            f"--grpc-address={LOOPBACK}",
            f"--grpc-port={self.ports.grpc}",
            f"--http-address={LOOPBACK}",
            f"--http-port={self.ports.http}",
            f"--metrics-address={LOOPBACK}",
            f"--metrics-port={self.ports.metrics}",
            "--allow-gpu-metrics=false",
            "--allow-sagemaker=false",
            "--allow-vertex-ai=false",
            "--pinned-memory-pool-byte-size=0",
            "--cuda-memory-pool-byte-size=0:0",
        ]

    def _restrictions(self) -> list[str]:
        closed = ",".join(_CLOSED)
        rules = (("shared-memory", self.key), (closed, self.closed_key))
        return [
            flag
            for names, key in rules
            for flag in (
                f"--grpc-restricted-protocol={names}:{self.header}={key}",
                f"--http-restricted-api={names}:{self.header}={key}",
            )
        ]

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
