from __future__ import annotations

import asyncio

import grpc
import pytest
from tritonclient.grpc import service_pb2

from scanserve.server.gate.call import Call
from scanserve.server.gate.plain import CLOSED, Plain
from scanserve.server.gate.refusal import Refusal


class Upstream:
    """Notes what it is asked."""

    def __init__(self):
        self.asked = []

    async def call(self, method, payload, timeout_s):
        self.asked.append((method, payload, timeout_s))
        return b"answer"


def ask(method, payload, remaining=None):
    upstream = Upstream()
    call = Call(payload, remaining=lambda: remaining)
    assert asyncio.run(Plain(upstream).answers[method](call)) == b"answer"
    return upstream.asked[0]


def test_a_call_is_passed_on_within_its_time():
    asked = service_pb2.ModelReadyRequest(name="ccta_quality", version="1").SerializeToString()
    assert ask("ModelReady", asked, 2.5) == ("ModelReady", asked, 2.5)
    assert ask("ServerLive", b"") == ("ServerLive", b"", 10.0)


def test_only_known_fields_are_passed_on():
    assert ask("ServerMetadata", b"\xa0\x06\x05")[1] == b""


@pytest.mark.parametrize(
    "payload",
    [
        service_pb2.ModelReadyRequest(name="../x").SerializeToString(),
        service_pb2.ModelReadyRequest(name="x" * 129).SerializeToString(),
        service_pb2.ModelReadyRequest(name="x", version="-1").SerializeToString(),
        b"\x0a\x02\xff\xfe",
        b"\xff",
        bytes(2000),
    ],
)
def test_nonsense_is_refused(payload):
    with pytest.raises(Refusal) as caught:
        ask("ModelReady", payload)
    assert caught.value.status is grpc.StatusCode.INVALID_ARGUMENT


def test_every_call_of_the_protocol_is_passed_closed_or_handled():
    service = service_pb2.DESCRIPTOR.services_by_name["GRPCInferenceService"]
    shared = {f"SystemSharedMemory{verb}" for verb in ("Register", "Unregister", "Status")}
    assert {method.name for method in service.methods} == {
        *CLOSED,
        *Plain(Upstream()).answers,
        *shared,
        "ModelInfer",
    }
