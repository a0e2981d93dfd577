"""A client whose greeting and metadata calls outlive one death of the server, as its inferences do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from scanserve.client.runs.resilience import DEATHS, GONE, WaitReady, surviving
from scanserve.client.transport import Client
from scanserve.client.transport.info import ModelMetadata, ServerInfo

__all__ = ["LastingClient"]

T = TypeVar("T")


class LastingClient(Client):
    """A client of one run; it takes what :class:`~scanserve.client.transport.Client` takes.

    A server that somebody else started is either there at first contact or reported absent at once, and a model that
    it does not have is not waited for.  Once it has answered, a failure is a death.

    Attributes:
        wait_ready: waits until the server is ready again; without it every failure is final.
        started_here: whether the run started the server itself, so that it and its models are there for certain.
    """

    wait_ready: WaitReady | None = None
    started_here: bool = False
    _has_answered: bool = False

    def server_info(self) -> ServerInfo:
        """Name, version and extensions of the server."""
        return self._ask(super().server_info, "its greeting")

    def metadata(self, model: str) -> ModelMetadata:
        """The tensors of one model as the server has them."""
        return self._ask(partial(super().metadata, model), f"the description of {model}")

    def parameters(self, model: str) -> dict[str, str]:
        """The parameters of one model's configuration, as the server has them."""
        return self._ask(partial(super().parameters, model), f"the parameters of {model}")

    def _ask(self, call: Callable[[], T], about: str) -> T:
        if self.wait_ready is None or not (self.started_here or self._has_answered):
            answer = call()
        else:
            deaths = DEATHS | GONE if self.started_here else DEATHS
            answer = surviving(call, about, self.wait_ready, deaths=deaths)
        self._has_answered = True
        return answer
