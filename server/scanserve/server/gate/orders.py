"""What a gate is told to do, passed as one line of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from scanserve.contracts import Axis, Deployment, EnsembleStep, ModelSpec, TensorSpec
from scanserve.server.gate.limits import Limits

__all__ = ["GateOrders"]


@dataclass(frozen=True)
class GateOrders:
    """Where a gate listens, what is behind it, and what it lets through.

    Attributes:
        upstream: Triton's gRPC target.
        models: the contracts of the models that are served.
        grpc, http, metrics: ``HOST:PORT`` to listen at; without ``http`` or ``metrics`` there is none.
        metrics_socket: the Unix socket at which Triton has its metrics.
        upstream_header: name and secret that open Triton's restricted protocols, where they are.
        shared_memory_key: what clients of shared memory must show; None where clients may use none.
        shm_prefix: how the gate's own regions are called; None where Triton does not share its memory.
        configuration, devices: which deployment of the contracts runs, and on how many devices.
        limits: what differs from the contracts.
    """

    upstream: str
    models: tuple[ModelSpec, ...]
    grpc: str
    http: str | None = None
    metrics: str | None = None
    metrics_socket: str | None = None
    upstream_header: tuple[str, str] | None = field(default=None, repr=False)
    shared_memory_key: str | None = field(default=None, repr=False)
    shm_prefix: str | None = None
    configuration: str = "cpu"
    devices: int = 1
    limits: Limits = field(default_factory=Limits)

    def to_json(self) -> str:
        """These orders as one line of JSON, without a line break at the end."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> GateOrders:
        """Read the orders that :meth:`to_json` wrote."""
        content = json.loads(text)
        header = content.pop("upstream_header")
        return cls(
            models=tuple(map(_model, content.pop("models"))),
            limits=Limits(**content.pop("limits")),
            upstream_header=None if header is None else tuple(header),
            **content,
        )


def _model(content: Mapping[str, Any]) -> ModelSpec:
    deployments = {name: Deployment(**each) for name, each in content["deployments"].items()}
    return ModelSpec(
        **{
            **content,
            "inputs": tuple(map(_tensor, content["inputs"])),
            "outputs": tuple(map(_tensor, content["outputs"])),
            "steps": tuple(EnsembleStep(**each) for each in content["steps"]),
            "deployments": deployments,
        }
    )


def _tensor(content: Mapping[str, Any]) -> TensorSpec:
    typical = content["typical"]
    axes = tuple(Axis(**each) for each in content["axes"])
    return TensorSpec(**{**content, "axes": axes, "typical": None if typical is None else tuple(typical)})
