from __future__ import annotations

import pytest

from scanserve.contracts import InputError, ScanserveError
from scanserve.server.gate import command


@pytest.mark.parametrize("address", ["host", "host:", ":1", "host:x", "host:0", "host:65536"])
def test_addresses_are_host_and_port(address):
    with pytest.raises(InputError, match="HOST:PORT") as caught:
        command.gate(upstream=address)
    assert caught.value.code == "server-address"


def test_an_unknown_application_is_refused():
    with pytest.raises(ScanserveError) as caught:
        command.gate(upstream="host:1", application=["nothing"])
    assert caught.value.code == "unknown-application"


def test_a_configuration_is_one_of_those_of_the_contracts():
    with pytest.raises(InputError) as caught:
        command.gate(upstream="host:1", configuration="h100")
    assert caught.value.code == "unknown-configuration"


@pytest.mark.parametrize(
    ("value", "header"),
    [("", None), ("name", None), ("=x", None), ("name=", None), ("name=a=b", ("name", "a=b"))],
)
def test_the_header_for_triton_comes_from_the_environment(monkeypatch, value, header):
    monkeypatch.setenv(command.KEY_VARIABLE, value)
    assert command._header() == header
