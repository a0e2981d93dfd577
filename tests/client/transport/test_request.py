from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tritonclient.grpc import service_pb2

from scanserve.client.transport.request import MESSAGE_LIMIT, build_request
from scanserve.contracts import Axis, InputError, ModelSpec, TensorSpec, find_model
from scanserve.contracts.announced import ANNOUNCED_HEADER
from scanserve.contracts.sharedmemory import ALIGNMENT

VOLUME = TensorSpec("volume", "INT16", (Axis("z"), Axis("y"), Axis("x")), "")
SPACING = TensorSpec("spacing", "FP32", (Axis("xyz", 3),), "")
ANSWER = TensorSpec("answer", "FP32", (Axis("one", 1),), "")
SPEC = ModelSpec("model", "", "graph", (VOLUME, SPACING), (ANSWER,))
BATCHED = ModelSpec("batched", "", "network", (SPACING, ANSWER), (ANSWER,), max_batch_size=4)


def inputs(shape=(2, 3, 4)):
    volume = np.arange(np.prod(shape), dtype=np.int16).reshape(shape)
    return {"volume": volume, "spacing": np.array([0.5, 0.5, 1.0], np.float32)}


def refused(spec, arrays):
    with pytest.raises(InputError) as caught:
        build_request(spec, arrays)
    return caught.value.code


def test_bytes_are_what_the_generated_class_writes():
    given_inputs = inputs()
    expected = service_pb2.ModelInferRequest(model_name="model")
    for tensor in SPEC.inputs:
        array = given_inputs[tensor.name]
        expected.inputs.add(name=tensor.name, datatype=tensor.dtype, shape=array.shape)
        expected.raw_input_contents.append(array.tobytes())
    expected.outputs.add(name="answer")
    assert service_pb2.ModelInferRequest.FromString(build_request(SPEC, given_inputs).to_bytes()) == expected


@settings(deadline=None)
@given(st.tuples(*[st.integers(1, 40)] * 3))
def test_contents_survive_any_length_of_their_length(shape):
    volume = inputs(shape)["volume"]
    message = service_pb2.ModelInferRequest.FromString(build_request(SPEC, inputs(shape)).to_bytes())
    assert np.array_equal(np.frombuffer(message.raw_input_contents[0], np.int16).reshape(shape), volume)


def test_a_request_announces_its_model_and_items():
    assert build_request(SPEC, inputs()).announced == (ANNOUNCED_HEADER, "model/1")
    three = {"slices": np.zeros((3, 1, 64, 64), np.float32)}
    assert build_request(find_model("dat_denoise"), three).announced == (ANNOUNCED_HEADER, "dat_denoise/3")


def test_order_is_the_contracts_not_the_callers():
    turned = dict(reversed(inputs().items()))
    assert build_request(SPEC, turned).to_bytes() == build_request(SPEC, inputs()).to_bytes()


def test_strided_volume_is_sent_as_it_is_indexed():
    volume = inputs()["volume"]
    request = build_request(SPEC, inputs() | {"volume": volume[:, ::-1, ::2]})
    message = service_pb2.ModelInferRequest.FromString(request.to_bytes())
    assert message.raw_input_contents[0] == volume[:, ::-1, ::2].tobytes()


def test_contiguous_volume_is_not_copied():
    volume = inputs()["volume"]
    assert build_request(SPEC, inputs() | {"volume": volume}).arrays[0] is volume


def test_reference_names_the_region_and_carries_no_contents():
    request = build_request(SPEC, inputs())
    message = service_pb2.ModelInferRequest.FromString(request.to_reference("region"))
    assert not message.raw_input_contents
    second = message.inputs[1].parameters
    assert second["shared_memory_region"].string_param == "region"
    assert second["shared_memory_byte_size"].int64_param == 12
    assert second["shared_memory_offset"].int64_param == request.placements[1].offset == ALIGNMENT


def test_copies_lie_where_the_reference_says():
    request = build_request(SPEC, inputs())
    memory = bytearray(request.size)
    request.copy_to(memoryview(memory))
    for array, place in zip(request.arrays, request.placements, strict=True):
        assert place.offset % ALIGNMENT == 0
        assert memory[place.offset : place.offset + place.size] == array.tobytes()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"other": np.zeros(3)}, "unknown-tensor"),
        ({"volume": np.zeros((2, 3, 4), np.int32)}, "tensor-dtype"),
        ({"volume": [[[1]]]}, "tensor-dtype"),
        ({"volume": np.zeros((2, 3), np.int16)}, "tensor-shape"),
        ({"spacing": np.zeros(2, np.float32)}, "tensor-shape"),
        ({"volume": np.zeros((0, 3, 4), np.int16)}, "tensor-shape"),
    ],
)
def test_inputs_that_break_the_contract_are_refused(change, code):
    assert refused(SPEC, inputs() | change) == code


def test_missing_input_is_refused_by_name():
    with pytest.raises(InputError, match="spacing") as caught:
        build_request(SPEC, {"volume": inputs()["volume"]})
    assert caught.value.code == "tensor-missing"


@pytest.mark.parametrize(("first", "second"), [(0, 0), (1, 2), (5, 5)])
def test_batches_that_differ_or_are_out_of_range_are_refused(first, second):
    arrays = {"spacing": np.zeros((first, 3), np.float32), "answer": np.zeros((second, 1), np.float32)}
    assert refused(BATCHED, arrays) == "batch-size"


def test_batch_axis_is_needed():
    arrays = {"spacing": np.zeros((), np.float32), "answer": np.zeros((1, 1), np.float32)}
    assert refused(BATCHED, arrays) == "tensor-shape"


def test_volume_over_the_message_limit_is_refused_before_it_is_copied():
    huge = np.broadcast_to(np.int16(0), (1024, 1024, 1024))  # one element in memory, 2**31 bytes on the wire
    assert huge.nbytes == MESSAGE_LIMIT + 1
    assert refused(SPEC, inputs() | {"volume": huge}) == "volume-too-large"


def test_a_tensor_over_the_bytes_of_its_contract_is_refused():
    vector = TensorSpec("vector", "INT16", (Axis("n", None, 100),), "", most_bytes=100)
    spec = ModelSpec("model", "", "graph", (vector,), (ANSWER,))
    build_request(spec, {"vector": np.zeros(50, np.int16)})
    assert refused(spec, {"vector": np.zeros(51, np.int16)}) == "volume-too-large"
    batched = replace(spec, max_batch_size=2)
    build_request(batched, {"vector": np.zeros((2, 50), np.int16)})


def test_limit_counts_the_header():
    vector = TensorSpec("vector", "INT16", (Axis("n", None, 2**31),), "")
    spec = ModelSpec("model", "", "graph", (vector,), (ANSWER,))
    fits = {"vector": np.broadcast_to(np.int16(0), (MESSAGE_LIMIT // 2,))}
    assert fits["vector"].nbytes < MESSAGE_LIMIT
    assert refused(spec, fits) == "volume-too-large"
