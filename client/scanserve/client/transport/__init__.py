"""Requests to the inference server (KServe v2 over gRPC), the same for every application.

``Client`` and ``AsyncClient`` are thin shells: what is said to the server, and in which order, is written
once in :mod:`~scanserve.client.transport.session` as generators over the pure functions here.
"""

from scanserve.client.transport.aio import AsyncClient
from scanserve.client.transport.errors import Failure, to_error
from scanserve.client.transport.info import ModelMetadata, ServerInfo, TensorMetadata
from scanserve.client.transport.request import MESSAGE_LIMIT, Request, build_request
from scanserve.client.transport.response import parse_response
from scanserve.client.transport.retry import Retry
from scanserve.client.transport.settings import Settings
from scanserve.client.transport.sync import Client
from scanserve.client.transport.tls import TLS

__all__ = [
    "MESSAGE_LIMIT",
    "TLS",
    "AsyncClient",
    "Client",
    "Failure",
    "ModelMetadata",
    "Request",
    "Retry",
    "ServerInfo",
    "Settings",
    "TensorMetadata",
    "build_request",
    "parse_response",
    "to_error",
]
