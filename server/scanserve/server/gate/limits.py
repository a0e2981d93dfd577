"""How much a gate lets through: requests under way and waiting of each model, and bytes of one request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scanserve.contracts import InputError, ModelSpec
from scanserve.server.gate.rules import largest_request

__all__ = ["Limits", "instance_items", "instances"]


@dataclass(frozen=True)
class Limits:
    """Options of a gate.

    Attributes:
        running: how many requests, or full batches, of each model are under way in Triton, per instance of it.
        waiting: how many more may wait, per instance.  With 1 and 1 what is admitted takes about twice the
            time of a single request.
        request_bytes: the inputs of one request; what the largest tensors of the contract have without.

    Raises:
        InputError: code ``gate-limits`` where one is out of its range.
    """

    running: int = 1
    waiting: int = 1
    request_bytes: int | None = None

    def __post_init__(self) -> None:
        for name, least in (("running", 1), ("waiting", 0), ("request_bytes", 1)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise InputError("gate-limits", f"{name} must be at least {least} but is {value}.")

    def bytes_of(self, spec: ModelSpec) -> int:
        """The most bytes that the inputs of one request for ``spec`` may have."""
        largest = largest_request(spec)
        return largest if self.request_bytes is None else min(largest, self.request_bytes)


def instances(spec: ModelSpec, configuration: str, devices: int, known: Mapping[str, ModelSpec]) -> int:
    """How many requests for ``spec`` can compute at once: for an ensemble, those of its narrowest step."""
    if spec.kind == "ensemble":
        members = [known[step.model] for step in spec.steps if step.model in known]
        return min((instances(member, configuration, devices, known) for member in members), default=1)
    deployment = spec.deployments.get(configuration)
    return 1 if deployment is None else deployment.instances * devices


def instance_items(spec: ModelSpec, configuration: str, devices: int, served: Sequence[ModelSpec]) -> int:
    """Items of ``spec`` that keep all its instances busy: a full batch, or one request, for each."""
    known = {model.name: model for model in served}
    return max(1, spec.max_batch_size) * instances(spec, configuration, devices, known)
