"""What the blocking and the asyncio client have in common: settings, session, channel."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Literal

from scanserve.client.transport.retry import Retry
from scanserve.client.transport.session import Session
from scanserve.client.transport.settings import Settings, SharedMemoryMode
from scanserve.client.transport.tls import TLS
from scanserve.contracts import InputError

__all__ = ["Facade"]


class Facade:
    """Construction and state; the drivers add the I/O."""

    def __init__(
        self,
        url: str,
        *,
        tls: TLS | None = None,
        shared_memory: SharedMemoryMode = "auto",
        shared_memory_key: str | None = None,
        timeout_s: float = 120.0,
        connect_timeout_s: float = 3.0,
        retries: int | Retry = 5,
        keepalive_s: float = 0.0,
    ) -> None:
        retry = retries if isinstance(retries, Retry) else Retry(retries)
        self._session = Session(
            Settings(
                url, tls, shared_memory, shared_memory_key, timeout_s, connect_timeout_s, retry, keepalive_s
            )
        )
        self._channel: Any = None
        self._closed = False
        self._opening = threading.Lock()

    @property
    def settings(self) -> Settings:
        """What this client was configured with."""
        return self._session.settings

    @property
    def transport_used(self) -> Literal["shared-memory", "grpc"] | None:
        """How the inputs of the last finished request travelled; None before the first."""
        return self._session.transport_used  # type: ignore[return-value]

    @property
    def shared_memory_refusal(self) -> str | None:
        """Why shared memory is not used: "" where it can be, None while it is not known."""
        return self._session.shared_memory.refusal

    def _opened(self, plain: Callable[..., Any], secure: Callable[..., Any]) -> Any:
        """The channel, made at first use; raises ``InputError`` with code ``client-closed`` afterwards."""
        with self._opening:
            if self._closed:
                raise InputError("client-closed", "this client must be open to be used but was closed.")
            if self._channel is None:
                options, security = self.settings.channel_options(), self.settings.security
                self._channel = (
                    plain(self.settings.target, options=options)
                    if security is None
                    else secure(self.settings.target, security.credentials(), options=options)
                )
            return self._channel

    @property
    def _is_open(self) -> bool:
        return self._channel is not None and not self._closed
