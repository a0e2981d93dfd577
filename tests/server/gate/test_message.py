from __future__ import annotations

from tritonclient.grpc import service_pb2

from scanserve.server.gate.head import Window, read_head
from scanserve.server.gate.message import Outgoing
from scanserve.server.gate.wire import split


def incoming():
    message = service_pb2.ModelInferRequest(model_name="model", model_version="1", id="7")
    message.inputs.add(name="a", datatype="INT16", shape=[2, 3])
    message.inputs.add(name="b", datatype="FP32", shape=[1])
    message.outputs.add(name="c")
    message.outputs.add(name="d")
    message.raw_input_contents.extend([b"x" * 300, b"1234"])
    return message


def outgoing(sources, targets=None):
    data = incoming().SerializeToString() + b"\xa0\x06\x05"  # and a field that nobody knows
    head = read_head(split(data))
    return Outgoing(head, {one.name: sources.get(one.name, one.source) for one in head.inputs}, targets or {})


def test_what_was_understood_is_written_and_nothing_else():
    assert service_pb2.ModelInferRequest.FromString(outgoing({}).to_bytes()) == incoming()


def test_contents_may_have_moved():
    targets = {"d": Window("there", 64, 8)}
    written = service_pb2.ModelInferRequest.FromString(
        outgoing({"a": Window("here", 0, 300)}, targets).to_bytes()
    )
    parameters = written.inputs[0].parameters
    assert parameters["shared_memory_region"].string_param == "here"
    assert parameters["shared_memory_byte_size"].int64_param == 300
    assert "shared_memory_offset" not in parameters
    assert list(written.raw_input_contents) == [b"1234"]
    assert not written.outputs[0].parameters
    assert written.outputs[1].parameters["shared_memory_offset"].int64_param == 64
