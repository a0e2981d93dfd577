from __future__ import annotations

import grpc

from scanserve.server.gate.refusal import Refusal, invalid


def test_when_to_come_back_is_said_twice():
    refusal = Refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, "too many", 1.5)
    assert refusal.metadata == (("retry-after-ms", "1500"), ("grpc-retry-pushback-ms", "1500"))
    assert Refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, "too many", 0.0).metadata[0][1] == "1"


def test_a_request_that_is_wrong_is_never_worth_repeating():
    assert invalid("wrong").metadata == ()
    assert invalid("wrong").status is grpc.StatusCode.INVALID_ARGUMENT
