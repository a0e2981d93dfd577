import inspect

import pytest

import scanserve.client
from scanserve.client import transport
from scanserve.client.transport import AsyncClient, Client


def test_names_of_the_transport_are_these():
    assert sorted(transport.__all__) == [
        "AsyncClient",
        "Client",
        "Failure",
        "MESSAGE_LIMIT",
        "ModelMetadata",
        "Request",
        "Retry",
        "ServerInfo",
        "Settings",
        "TLS",
        "TensorMetadata",
        "build_request",
        "parse_response",
        "to_error",
    ]


@pytest.mark.parametrize("name", transport.__all__)
def test_every_name_is_there(name):
    assert getattr(transport, name) is not None


def test_packages_of_the_client_are_these():
    assert sorted(scanserve.client.__all__) == ["ccta", "cli", "geometry", "transport"]


@pytest.mark.parametrize("name", ["infer", "server_info", "is_ready", "metadata", "parameters", "close"])
def test_both_clients_have_one_face(name):
    blocking, waiting = getattr(Client, name), getattr(AsyncClient, name)
    assert inspect.signature(blocking) == inspect.signature(waiting)
    assert inspect.iscoroutinefunction(waiting)
    assert not inspect.iscoroutinefunction(blocking)
