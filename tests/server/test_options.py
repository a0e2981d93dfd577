from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from scanserve.contracts import InputError
from scanserve.server.options import Ports, ServerOptions

OPTIONS = ServerOptions(
    Path("/repository"), Path("/backends"), Ports(1, 2, 3), "prefix", "header", "open-secret", "closed-secret"
)


def test_everything_listens_on_loopback():
    arguments = OPTIONS.arguments()
    assert {"--grpc-port=1", "--http-port=2", "--metrics-port=3"} <= set(arguments)
    addresses = [each for each in arguments if "-address=" in each]
    assert len(addresses) == 3
    assert all(each.endswith("=127.0.0.1") for each in addresses)


def test_models_are_fixed_and_protocols_restricted():
    arguments = OPTIONS.arguments()
    assert "--model-control-mode=none" in arguments
    assert "--disable-auto-complete-config" in arguments
    for flag in ("--grpc-restricted-protocol", "--http-restricted-api"):
        assert f"{flag}=shared-memory:header=open-secret" in arguments
        assert f"{flag}=model-repository,logging,trace:header=closed-secret" in arguments


def test_the_default_configuration_is_not_named():
    assert "--model-config-name=cpu" in OPTIONS.arguments()
    default = dataclasses.replace(OPTIONS, configuration="default").arguments()
    assert not [each for each in default if each.startswith("--model-config-name")]


def test_every_backend_takes_the_shared_memory_prefix():
    for backend in ("python", "onnxruntime", "openvino"):
        assert f"--backend-config={backend},shm-region-prefix-name=prefix" in OPTIONS.arguments()


def test_an_unknown_configuration_is_refused():
    with pytest.raises(InputError, match="'h100'") as caught:
        dataclasses.replace(OPTIONS, configuration="h100")
    assert caught.value.code == "unknown-configuration"
