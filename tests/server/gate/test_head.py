from __future__ import annotations

import grpc
import pytest
from tritonclient.grpc import service_pb2

from scanserve.server.gate.head import Window, read_head
from scanserve.server.gate.refusal import Refusal
from scanserve.server.gate.wire import split


def request():
    message = service_pb2.ModelInferRequest(model_name="model", model_version="1", id="7")
    message.inputs.add(name="a", datatype="INT16", shape=[2, 3])
    message.inputs.add(name="b", datatype="FP32", shape=[-1])
    message.raw_input_contents.extend([b"123", b"45"])
    message.outputs.add(name="c")
    return message


def read(message):
    return read_head(split(message.SerializeToString()))


def refusal(message):
    with pytest.raises(Refusal) as caught:
        read(message)
    assert caught.value.status is grpc.StatusCode.INVALID_ARGUMENT
    return caught.value.details


def test_it_says_what_the_message_declares():
    head = read(request())
    assert (head.model, head.version, head.id) == ("model", "1", "7")
    assert [(one.name, one.dtype, one.shape, bytes(one.source)) for one in head.inputs] == [
        ("a", "INT16", (2, 3), b"123"),
        ("b", "FP32", (-1,), b"45"),
    ]
    assert [(one.name, one.target) for one in head.outputs] == [("c", None)]
    assert [one.size for one in head.inputs] == [3, 2]
    assert head.windows == ()


def refer(tensor, region="region", size=8, offset=None):
    tensor.parameters["shared_memory_region"].string_param = region
    tensor.parameters["shared_memory_byte_size"].int64_param = size
    if offset is not None:
        tensor.parameters["shared_memory_offset"].int64_param = offset


def test_raw_contents_belong_to_the_inputs_outside_of_shared_memory():
    message = request()
    refer(message.inputs[0], offset=-5)
    refer(message.outputs[0], "other", 2**62)
    del message.raw_input_contents[0]
    head = read(message)
    assert head.inputs[0].source == Window("region", -5, 8)
    assert bytes(head.inputs[1].source) == b"45"
    assert head.windows == (Window("region", -5, 8), Window("other", 0, 2**62))


@pytest.mark.parametrize("contents", [[], [b""], [b"", b"", b""]])
def test_another_number_of_raw_contents_is_refused(contents):
    message = request()
    del message.raw_input_contents[:]
    message.raw_input_contents.extend(contents)
    assert "raw_input_contents" in refusal(message)


def test_typed_contents_are_refused():
    message = request()
    message.inputs[1].contents.fp32_contents.append(1.0)
    assert "raw_input_contents" in refusal(message)


def test_parameters_that_change_nothing_are_let_through():
    message = request()
    message.parameters["triton_enable_empty_final_response"].bool_param = True
    assert read_head(split(message.SerializeToString())).model == "model"


def test_parameters_that_are_not_ours_are_refused():
    message = request()
    message.parameters["sequence_id"].int64_param = 1
    assert "parameters" in refusal(message)
    for change in (
        lambda one: one.parameters["binary_data_size"].MergeFromString(b"\x10\x01"),
        lambda one: one.parameters["shared_memory_region"].MergeFromString(
            b"\x10\x01"
        ),  # a number for a name
        lambda one: one.parameters["shared_memory_region"].MergeFromString(b""),  # nothing at all
    ):
        message = request()
        change(message.inputs[0])
        assert "parameter" in refusal(message)


def test_half_a_place_in_shared_memory_is_refused():
    message = request()
    message.outputs[0].parameters["shared_memory_region"].string_param = "region"
    assert "region and size" in refusal(message)


def test_what_is_not_text_is_refused():
    data = b"\x0a\x02\xff\xfe" + request().SerializeToString()
    with pytest.raises(Refusal):
        read_head(split(data))
