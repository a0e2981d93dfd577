from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from scanserve.contracts import InputError
from scanserve.server.options import ServerOptions

OPTIONS = ServerOptions(
    Path("/repository"), Path("/backends"), "prefix", "header", "gate-secret", "closed-secret"
)
CLOSED = {"model-repository", "logging", "trace"}


def restrictions(options, flag):
    """Protocols -> the header and secret that open them."""
    given = [each.split("=", 1)[1] for each in options.arguments() if each.startswith(f"--{flag}=")]
    return {name: each.split(":", 1)[1] for each in given for name in each.split(":")[0].split(",")}


def test_it_listens_at_no_port_at_all():
    arguments = OPTIONS.arguments()
    assert "--allow-http=false" in arguments
    addresses = [each for each in arguments if "-address=" in each]
    assert len(addresses) == 2
    assert all("=unix:" in each for each in addresses)


def test_http_inference_listens_on_loopback_when_it_is_asked_for():
    options = dataclasses.replace(OPTIONS, http_port=7)
    arguments = options.arguments()
    assert "--http-address=127.0.0.1" in arguments
    assert "--http-port=7" in arguments
    assert "--allow-http=false" not in arguments
    closed = restrictions(options, "http-restricted-api")
    assert set(closed) == {*CLOSED, "shared-memory"}
    assert set(closed.values()) == {"header=closed-secret"}


def test_models_are_fixed_and_every_protocol_is_restricted():
    assert "--model-control-mode=none" in OPTIONS.arguments()
    assert "--disable-auto-complete-config" in OPTIONS.arguments()
    keys = restrictions(OPTIONS, "grpc-restricted-protocol")
    assert {name for name, key in keys.items() if key == "header=closed-secret"} == CLOSED
    assert {name for name, key in keys.items() if key == "header=gate-secret"} == {
        "inference",
        "health",
        "metadata",
        "statistics",
        "model-config",
        "shared-memory",
    }


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
