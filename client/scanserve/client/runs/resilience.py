"""A request that outlives one death of the server."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Protocol

import numpy.typing as npt

from scanserve.contracts import ModelSpec, ServerError

__all__ = ["RESTART_S", "SETTLE_S", "Infer", "InferenceClient", "WaitReady", "infer_surviving", "poll_ready"]

log = logging.getLogger(__name__)

#: How long a server may take to come back: loading the networks takes seconds, on a busy machine minutes.
RESTART_S = 180.0
#: A death shows up in the server's readiness only after its supervisor has looked.
SETTLE_S = 2.0
_POLL_S = 0.5
#: Errors with which a server, or the process behind one model, dies during a request.
_DEATHS = frozenset({"server-unavailable", "inference-failed", "request-cancelled"})

#: Runs a model on its inputs.
Infer = Callable[[ModelSpec, Mapping[str, npt.NDArray]], dict[str, npt.NDArray]]
#: Waits until the server is ready, at most the given seconds; whether it is.
WaitReady = Callable[[float], bool]


class InferenceClient(Protocol):
    """The part of the transport's client that inference needs."""

    def infer(self, spec: ModelSpec, inputs: Mapping[str, npt.NDArray]) -> dict[str, npt.NDArray]:
        """Run ``spec`` on ``inputs``."""

    def is_ready(self, model: str | None = None) -> bool:
        """Whether the model takes requests."""


def infer_surviving(
    client: InferenceClient,
    spec: ModelSpec,
    inputs: Mapping[str, npt.NDArray],
    wait_ready: WaitReady,
    *,
    settle_s: float = SETTLE_S,
) -> dict[str, npt.NDArray]:
    """Run ``spec`` on ``inputs``; if the server dies meanwhile, once more after its restart.

    Raises:
        ServerError: code ``server-not-back`` when it is not ready again within :data:`RESTART_S`, code
            ``server-failed-twice`` when the second attempt fails as well, or what else the transport raises.
    """
    try:
        return client.infer(spec, inputs)
    except ServerError as error:
        if error.code not in _DEATHS:
            raise
        first = error
    log.warning("the server failed on %s (%s); waiting for its restart", spec.name, first.code)
    time.sleep(settle_s)
    if not wait_ready(RESTART_S):
        raise ServerError(
            "server-not-back",
            f"the server failed on {spec.name} and was not back within {RESTART_S:g} s: {first.message}",
        ) from first
    return _second_attempt(client, spec, inputs)


def poll_ready(client: InferenceClient, *models: str) -> WaitReady:
    """Wait by asking the server about every one of ``models`` again and again."""

    def wait(timeout_s: float) -> bool:
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            try:
                if all(client.is_ready(model) for model in models):
                    return True
            except ServerError:
                pass
            time.sleep(_POLL_S)
        return False

    return wait


def _second_attempt(
    client: InferenceClient, spec: ModelSpec, inputs: Mapping[str, npt.NDArray]
) -> dict[str, npt.NDArray]:
    try:
        return client.infer(spec, inputs)
    except ServerError as error:
        if error.code not in _DEATHS:
            raise
        raise ServerError(
            "server-failed-twice",
            f"the server failed on {spec.name}, and again after it had said that it was ready: {error.message}",
        ) from error
