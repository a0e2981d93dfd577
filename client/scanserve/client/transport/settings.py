"""How a client reaches its server: address, security, limits and time."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import Literal, get_args

from scanserve.client.transport.request import MESSAGE_LIMIT
from scanserve.client.transport.retry import Retry
from scanserve.client.transport.tls import TLS
from scanserve.contracts import InputError
from scanserve.contracts.sharedmemory import SHM_KEY_VARIABLE

__all__ = ["Settings", "SharedMemoryMode"]

#: ``auto`` uses shared memory where it is possible and worth it, ``always`` fails where it is not possible.
SharedMemoryMode = Literal["auto", "always", "never"]

_ADDRESS = re.compile(r"^(?:grpcs?://)?(?P<target>(?:\[[0-9A-Fa-f:.]+\]|[^\s/:\[\]]+):(?P<port>\d{1,5}))/?$")

_LOOPBACK = re.compile(r"^(?:127(?:\.\d{1,3}){3}|localhost|\[::1\]):")


@dataclass(frozen=True)
class Settings:
    """Everything both clients are configured with; valid after construction.

    ``url`` is ``HOST:PORT``, with ``grpc://`` or (implying TLS with the system's authorities) ``grpcs://``
    before it if wished.  ``timeout_s`` bounds one request with all its retries; ``connect_timeout_s`` bounds
    the first contact, so that an absent server is reported quickly.  ``keepalive_s`` is the idle time after
    which the connection is probed while a request is running; 0, the default, is never, because a Triton
    server with default settings closes connections that are probed more often than every 300 s.

    Raises:
        InputError: code ``server-address``, ``timeout``, ``retry-policy`` or ``shared-memory-mode``.
    """

    url: str
    tls: TLS | None = None
    shared_memory: SharedMemoryMode = "auto"
    shared_memory_key: str | None = None
    timeout_s: float = 120.0
    connect_timeout_s: float = 3.0
    retry: Retry = field(default_factory=Retry)
    keepalive_s: float = 0.0

    def __post_init__(self) -> None:
        matched = _ADDRESS.match(self.url)
        if not matched or not 0 < int(matched["port"]) < 65536:
            raise InputError(
                "server-address", f"url must be HOST:PORT of a gRPC endpoint but is {self.url!r}."
            )
        if not (self.timeout_s > 0 and self.connect_timeout_s > 0 and self.keepalive_s >= 0):
            raise InputError(
                "timeout",
                "timeout_s and connect_timeout_s must be positive and keepalive_s not negative but are "
                f"{self.timeout_s}, {self.connect_timeout_s} and {self.keepalive_s}.",
            )
        if self.shared_memory not in get_args(SharedMemoryMode):
            modes = ", ".join(get_args(SharedMemoryMode))
            raise InputError(
                "shared-memory-mode", f"shared_memory must be one of {modes} but is {self.shared_memory!r}."
            )

    @property
    def target(self) -> str:
        """``HOST:PORT``."""
        return _ADDRESS.match(self.url)["target"]  # type: ignore[index]  # checked at construction

    @property
    def security(self) -> TLS | None:
        """The TLS to use, None for plain text."""
        return self.tls or (TLS() if self.url.startswith("grpcs://") else None)

    @property
    def key(self) -> str | None:
        """The value of the restricted protocol's header: the setting, else the environment."""
        return self.shared_memory_key or os.environ.get(SHM_KEY_VARIABLE) or None

    def channel_options(self) -> list[tuple[str, int | str]]:
        """Options of the gRPC channel: size limits, keep-alive, quick reconnection, no retries but ours."""
        options: list[tuple[str, int | str]] = [
            ("grpc.max_send_message_length", MESSAGE_LIMIT),
            ("grpc.max_receive_message_length", MESSAGE_LIMIT),
            ("grpc.enable_retries", 0),
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.min_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 1000),
        ]
        if _LOOPBACK.match(self.target):
            options += [("grpc.enable_http_proxy", 0)]  # gRPC honours http_proxy even for 127.0.0.1
        if self.keepalive_s:
            options += [("grpc.keepalive_time_ms", int(self.keepalive_s * 1000))]
            options += [("grpc.keepalive_timeout_ms", 20_000)]
        return options + (self.security.options() if self.security else [])
