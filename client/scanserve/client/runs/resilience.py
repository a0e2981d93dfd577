"""Calls that outlive one death of the server: inferences, and what is asked before them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol, TypeVar

import numpy.typing as npt

from scanserve.contracts import ModelSpec, ServerError

__all__ = [
    "DEATHS",
    "GONE",
    "RESTART_S",
    "SETTLE_S",
    "Infer",
    "InferenceClient",
    "WaitReady",
    "infer_surviving",
    "poll_ready",
    "surviving",
]

log = logging.getLogger(__name__)

#: How long a server may take to come back: loading the networks takes seconds, on a busy machine minutes.
RESTART_S = 180.0
#: A death shows up in the server's readiness only after its supervisor has looked.
SETTLE_S = 2.0
_POLL_S = 0.5
#: Errors with which a server, or the process behind one model, dies during a call.
DEATHS = frozenset({"server-unavailable", "inference-failed", "request-cancelled"})
#: A server that was asked to end says that it has no version of a model that it had until then.
GONE = frozenset({"model-not-found"})

T = TypeVar("T")

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
    settle_s: float | None = None,
) -> dict[str, npt.NDArray]:
    """Run ``spec``, which the server is known to have, on ``inputs``; if the server dies, once more after its restart.

    Raises: as :func:`surviving`.
    """
    infer = partial(client.infer, spec, inputs)
    return surviving(infer, spec.name, wait_ready, deaths=DEATHS | GONE, settle_s=settle_s)


def surviving(
    call: Callable[[], T],
    about: str,
    wait_ready: WaitReady,
    *,
    deaths: frozenset[str] = DEATHS,
    settle_s: float | None = None,
) -> T:
    """Make ``call``; if the server dies meanwhile, or was dead before, once more after its restart.

    Args:
        call: what is asked of the server.
        about: what the call is about, for the message.
        wait_ready: waits until the server is ready.
        deaths: the codes of errors that are taken for a death.
        settle_s: how long a death may take to show; :data:`SETTLE_S` without.

    Raises:
        ServerError: code ``server-not-back`` when it is not ready again within :data:`RESTART_S`, code
            ``server-failed-twice`` when the second attempt fails as well, or what else the transport raises.
    """
    try:
        return call()
    except ServerError as error:
        if error.code not in deaths:
            raise
        first = error
    log.warning("the server failed on %s (%s); waiting for its restart", about, first.code)
    time.sleep(SETTLE_S if settle_s is None else settle_s)
    if not wait_ready(RESTART_S):
        raise ServerError(
            "server-not-back",
            f"the server failed on {about} and was not back within {RESTART_S:g} s: {first.message}",
        ) from first
    return _second_attempt(call, about)


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


def _second_attempt(call: Callable[[], T], about: str) -> T:
    try:
        return call()
    except ServerError as error:
        if error.code not in DEATHS:
            raise
        raise ServerError(
            "server-failed-twice",
            f"the server failed on {about}, and again after it had said that it was ready: {error.message}",
        ) from error
