"""TLS by PS3.15's BCP 195 profiles: version 1.2 at least, and both sides show a certificate."""

from __future__ import annotations

import ssl
from pathlib import Path

from scanserve.contracts import InputError
from scanserve.node import config

__all__ = ["client_context", "server_context", "web_context"]


def server_context(tls: config.Tls) -> ssl.SSLContext:
    """For connections that others open: they must show a certificate of the authority.

    Raises:
        InputError: code ``tls-file``.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    return _loaded(context, tls.authority, tls.certificate, tls.key)


def client_context(tls: config.Tls) -> ssl.SSLContext:
    """For connections that the node opens; raises as :func:`server_context`."""
    return _loaded(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), tls.authority, tls.certificate, tls.key)


def web_context(authority: Path | None, certificate: Path | None, key: Path | None) -> ssl.SSLContext:
    """For requests by HTTPS, with the machine's authorities where none is given; raises as :func:`server_context`."""
    context = ssl.create_default_context() if authority is None else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return _loaded(context, authority, certificate, key)


def _loaded(
    context: ssl.SSLContext, authority: Path | None, certificate: Path | None, key: Path | None
) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        if authority is not None:
            context.load_verify_locations(authority)
        if certificate is not None:
            context.load_cert_chain(
                certificate, key, password=str
            )  # no password, and nobody is asked for one
    except (OSError, ssl.SSLError) as error:
        raise InputError("tls-file", "a certificate or a key of the node cannot be read as PEM.") from error
    return context
