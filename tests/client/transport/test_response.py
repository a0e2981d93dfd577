import numpy as np
import pytest
from tritonclient.grpc import service_pb2

from scanserve.client.transport.response import parse_response
from scanserve.contracts import Axis, InferenceError, ModelSpec, TensorSpec

MAPS = TensorSpec("maps", "UINT8", (Axis("vessel", 3), Axis("x")), "")
SCORE = TensorSpec("score", "FP32", (Axis("one", 1),), "")
SPEC = ModelSpec("model", "", "graph", (SCORE,), (MAPS, SCORE))
BATCHED = ModelSpec("batched", "", "network", (SCORE,), (SCORE,), max_batch_size=4)


def response(**outputs):
    message = service_pb2.ModelInferResponse(model_name="model")
    names = {"uint8": "UINT8", "float32": "FP32", "int32": "INT32"}
    for name, array in outputs.items():
        message.outputs.add(name=name, datatype=names[array.dtype.name], shape=array.shape)
        message.raw_output_contents.append(array.tobytes())
    return message


MAP = np.arange(6, dtype=np.uint8).reshape(3, 2)
ONE = np.array([0.5], np.float32)


@pytest.mark.parametrize("serialised", [False, True])
def test_outputs_come_by_name_in_any_order(serialised):
    message = response(score=ONE, maps=MAP)
    outputs = parse_response(SPEC, message.SerializeToString() if serialised else message)
    assert list(outputs) == ["maps", "score"]
    assert np.array_equal(outputs["maps"], MAP)
    assert np.array_equal(outputs["score"], ONE)


def test_outputs_are_writable_and_their_own():
    message = response(score=ONE, maps=MAP)
    outputs = parse_response(SPEC, message)
    outputs["maps"][:] = 0
    assert np.array_equal(parse_response(SPEC, message)["maps"], MAP)


def test_extra_outputs_are_left_out():
    assert set(parse_response(SPEC, response(score=ONE, maps=MAP, more=ONE))) == {"maps", "score"}


def test_batch_axis_is_kept():
    batch = np.zeros((2, 1), np.float32)
    assert parse_response(BATCHED, response(score=batch))["score"].shape == (2, 1)


def cut():
    message = response(score=ONE, maps=MAP)
    message.raw_output_contents[1] = b"12345"
    return message


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (response(maps=MAP), "score"),
        (response(), "nothing"),
        (response(score=ONE, maps=MAP.astype(np.int32)), "INT32"),
        (response(score=ONE, maps=MAP[:2]), "vessel=3"),
        (cut(), "6 bytes"),
        (b"\xff\xff", "cannot be decoded"),
    ],
)
def test_answers_that_break_the_contract_are_errors(message, said):
    with pytest.raises(InferenceError, match=said) as caught:
        parse_response(SPEC, message)
    assert caught.value.code == "response-mismatch"
