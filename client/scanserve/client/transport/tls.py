"""TLS and mutual TLS towards the server."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import grpc

from scanserve.contracts import InputError

__all__ = ["TLS"]


@dataclass(frozen=True)
class TLS:
    """Files in PEM: the authority that signed the server's certificate, and this client's own pair for mTLS.

    Without ``ca`` the system's authorities are trusted.  ``server_name`` is the name in the server's
    certificate where it differs from the host in the URL.

    Raises:
        InputError: code ``tls-pair`` when only one of ``cert`` and ``key`` is given.
    """

    ca: str | os.PathLike[str] | None = None
    cert: str | os.PathLike[str] | None = None
    key: str | os.PathLike[str] | None = None
    server_name: str | None = None

    def __post_init__(self) -> None:
        if (self.cert is None) != (self.key is None):
            given = "cert" if self.key is None else "key"
            raise InputError("tls-pair", f"TLS needs both cert and key, or neither, but only {given} came.")

    @classmethod
    def from_options(
        cls, use: bool, ca: Path | None = None, cert: Path | None = None, key: Path | None = None
    ) -> TLS | None:
        """What the command line's options say; None where none of them was given."""
        return cls(ca, cert, key) if use or ca or cert or key else None

    def credentials(self) -> grpc.ChannelCredentials:
        """The channel credentials; raises ``InputError`` with code ``tls-file`` for an unreadable file."""
        return grpc.ssl_channel_credentials(
            root_certificates=_read("ca", self.ca),
            private_key=_read("key", self.key),
            certificate_chain=_read("cert", self.cert),
        )

    def options(self) -> list[tuple[str, str]]:
        """The channel options that belong to these credentials."""
        return [("grpc.ssl_target_name_override", self.server_name)] if self.server_name else []


def _read(argument: str, path: str | os.PathLike[str] | None) -> bytes | None:
    if path is None:
        return None
    try:
        return Path(path).read_bytes()
    except OSError as error:
        name = Path(path).name
        reason = error.strerror or type(error).__name__
        raise InputError(
            "tls-file", f"TLS {argument} must be a readable PEM file but {name!r} is not ({reason})."
        ) from error
