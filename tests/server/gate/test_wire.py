from __future__ import annotations

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tritonclient.grpc import service_pb2

from scanserve.server.gate.refusal import Refusal
from scanserve.server.gate.wire import HEAD_BYTES, split

TENSOR = service_pb2.ModelInferRequest.InferInputTensor


def message(names, contents):
    built = service_pb2.ModelInferRequest(model_name="model", id="7")
    built.inputs.extend(TENSOR(name=name, datatype="INT16", shape=[2, -1]) for name in names)
    built.raw_input_contents.extend(contents)
    return built


def refused(data):
    with pytest.raises(Refusal) as caught:
        split(data)
    return caught.value.status is grpc.StatusCode.INVALID_ARGUMENT


@given(st.lists(st.text(max_size=9), max_size=9), st.lists(st.binary(max_size=300), max_size=9))
def test_head_and_contents_are_what_protobuf_reads(names, contents):
    whole = message(names, contents)
    parts = split(whole.SerializeToString())
    assert [bytes(content) for content in parts.contents] == contents
    whole.ClearField("raw_input_contents")
    assert service_pb2.ModelInferRequest.FromString(parts.head) == whole


def test_fields_may_come_in_any_order_and_of_any_kind():
    unknown = b"\xa0\x06\x05" + b"\xa5\x06abcd" + b"\xa1\x06abcdefgh"  # field 100: varint, 32 and 64 bits
    parts = split(b"\x3a\x02ab" + message(["x"], []).SerializeToString() + unknown + b"\x3a\x01c")
    assert [bytes(content) for content in parts.contents] == [b"ab", b"c"]
    assert service_pb2.ModelInferRequest.FromString(parts.head).inputs[0].name == "x"


def test_contents_are_not_copied():
    data = message(["x"], [b"y" * 1000]).SerializeToString()
    (content,) = split(data).contents
    assert content.obj is data


@given(st.binary(max_size=60))
def test_any_bytes_are_taken_apart_or_refused(data):
    try:
        parts = split(data)
    except Refusal:
        return
    assert len(parts.head) <= len(data)


@given(st.data())
def test_a_message_that_breaks_off_inside_a_field_is_refused(data):
    whole = message(["x"], [b"y" * 20]).SerializeToString()
    cut = data.draw(st.integers(len(whole) - 20, len(whole) - 1))
    assert refused(whole[:cut])


@pytest.mark.parametrize(
    "data",
    [
        b"\x3a" + b"\xff" * 9 + b"\x01",  # a length of 2**64 - 1
        b"\x3a" + b"\xff" * 11,
        b"\x3b\x3c",  # groups
        b"\x3e",  # a kind that does not exist
        b"\x02\x00",  # field number 0
        b"\x82\x80\x80\x80\x80\x01\x00",  # a tag of more than 32 bits
        b"\x3a\x00" * 300,  # more fields than any request has
        b"\x0a\xff\xff\x03" + b"m" * 65535 + b"\x0a\x05model",  # a head larger than HEAD_BYTES
    ],
)
def test_malformed_messages_are_refused(data):
    assert refused(data)


def test_the_longest_head_is_longer_than_any_of_ours():
    assert len(message(["x" * 100] * 10, []).SerializeToString()) < HEAD_BYTES / 10
