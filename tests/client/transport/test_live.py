"""Both clients against a real tritonserver."""

import asyncio
import os
import signal
import socket
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from scanserve.client.transport import AsyncClient, Client, Retry
from scanserve.contracts import Axis, InputError, ModelSpec, ScanserveError, ServerError, TensorSpec
from scanserve.contracts.sharedmemory import DIRECTORY

onnx = pytest.importorskip("onnx")
server = pytest.importorskip("scanserve.server")
pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]

ZYX = (Axis("z"), Axis("y"), Axis("x"))
SPEC = ModelSpec(
    "tiny",
    "Adds one to a volume of any size and doubles a vector.",
    "graph",
    (TensorSpec("volume", "INT16", ZYX, ""), TensorSpec("vector", "FP32", (Axis("xyz", 3),), "")),
    (TensorSpec("increment", "INT32", ZYX, ""), TensorSpec("double", "FP32", (Axis("xyz", 3),), "")),
)
CONFIG = """
name: "tiny" backend: "onnxruntime" default_model_filename: "model.onnx" max_batch_size: 0
input [
  { name: "volume" data_type: TYPE_INT16 dims: [ -1, -1, -1 ] },
  { name: "vector" data_type: TYPE_FP32 dims: [ 3 ] }
]
output [
  { name: "increment" data_type: TYPE_INT32 dims: [ -1, -1, -1 ] },
  { name: "double" data_type: TYPE_FP32 dims: [ 3 ] }
]
instance_group [ { count: 1 kind: KIND_CPU } ]
parameters { key: "trained_on" value { string_value: "nothing" } }
"""
RNG = np.random.default_rng(7)
INPUTS = {
    "volume": RNG.integers(-1024, 3071, (8, 256, 300), np.int16),
    "vector": np.array([0.5, 1, 2], np.float32),
}
#: Enough retries, close enough together, for a server that needs some seconds to start again.
PATIENT = Retry(200, base_s=0.1, cap_s=1.0)


def write_repository(folder):
    helper, types = onnx.helper, onnx.TensorProto
    nodes = [
        helper.make_node("Cast", ["volume"], ["wide"], to=types.INT32),
        helper.make_node("Add", ["wide", "one"], ["increment"]),
        helper.make_node("Add", ["vector", "vector"], ["double"]),
    ]
    tensor = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "tiny",
        [tensor("volume", types.INT16, ["z", "y", "x"]), tensor("vector", types.FLOAT, [3])],
        [tensor("increment", types.INT32, ["z", "y", "x"]), tensor("double", types.FLOAT, [3])],
        [helper.make_tensor("one", types.INT32, [], [1])],
    )
    version = folder / "tiny" / "1"
    version.mkdir(parents=True)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(version / "model.onnx"))
    (folder / "tiny" / "config.pbtxt").write_text(CONFIG)
    return folder


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    folder = tmp_path_factory.mktemp("transport")
    repository = write_repository(folder / "models")
    with server.Embedded(
        repository, models=(SPEC,), require_canaries=False, log_path=folder / "server.log"
    ) as running:
        yield running


@pytest.fixture
def client(live):
    with Client(live.grpc_url, shared_memory_key=live.shared_memory_key) as connected:
        yield connected


def check(outputs, inputs=INPUTS):
    assert np.array_equal(outputs["increment"], inputs["volume"].astype(np.int32) + 1)
    assert np.array_equal(outputs["double"], inputs["vector"] * 2)


def test_server_says_what_it_is(client):
    assert client.server_info().name == "triton"
    assert client.is_ready()
    assert client.is_ready("tiny")
    assert not client.is_ready("absent")


def test_metadata_is_the_contract(client):
    found = client.metadata("tiny")
    assert [(tensor.name, tensor.dtype, tensor.shape) for tensor in found.inputs] == [
        (tensor.name, tensor.dtype, tensor.shape) for tensor in SPEC.inputs
    ]
    assert {tensor.name for tensor in found.outputs} == {tensor.name for tensor in SPEC.outputs}


def test_parameters_pass_the_gate(client):
    assert client.parameters("tiny") == {"trained_on": "nothing"}
    with pytest.raises(ScanserveError):
        client.parameters("absent")


def test_shared_memory_and_grpc_give_identical_bytes(live, client):
    through_memory = client.infer(SPEC, INPUTS)
    assert client.transport_used == "shared-memory"
    with Client(live.grpc_url, shared_memory="never") as plain:
        by_grpc = plain.infer(SPEC, INPUTS)
        assert plain.transport_used == "grpc"
    check(by_grpc)
    assert {name: array.tobytes() for name, array in through_memory.items()} == {
        name: array.tobytes() for name, array in by_grpc.items()
    }


def test_without_the_key_the_client_falls_back(live, monkeypatch):
    monkeypatch.delenv("SCANSERVE_SHM_KEY", raising=False)
    with Client(live.grpc_url) as stranger:
        check(stranger.infer(SPEC, INPUTS))
        assert stranger.transport_used == "grpc"
        assert "restricted" in stranger.shared_memory_refusal


def test_regions_are_reused_and_none_is_left(live, client):
    for step in range(1, 4):
        inputs = INPUTS | {"volume": INPUTS["volume"][:, :, ::step]}
        check(client.infer(SPEC, inputs), inputs)
        check(client.infer(SPEC, inputs), inputs)
    assert not list(DIRECTORY.glob(f"scanserve-{os.getpid()}-*"))


def test_threads_share_one_client(client):
    found = {}

    def run(number):
        inputs = INPUTS | {"volume": INPUTS["volume"] + np.int16(number)}
        found[number] = (client.infer(SPEC, inputs), inputs)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    for outputs, inputs in found.values():
        check(outputs, inputs)


def test_async_client_answers_the_same(live):
    async def run():
        async with AsyncClient(live.grpc_url, shared_memory_key=live.shared_memory_key) as client:
            assert await client.is_ready("tiny")
            assert (await client.server_info()).name == "triton"
            assert (await client.metadata("tiny")).name == "tiny"
            answers = await asyncio.gather(*(client.infer(SPEC, INPUTS) for _ in range(3)))
            return answers, client.transport_used

    answers, used = asyncio.run(run())
    assert used == "shared-memory"
    for answer in answers:
        check(answer)


def test_unknown_model_is_named(client):
    with pytest.raises(ServerError, match="absent") as caught:
        client.infer(replace(SPEC, name="absent"), INPUTS)
    assert caught.value.code == "model-not-found"


def test_request_that_the_server_refuses(client):
    other = TensorSpec("volume", "FP32", ZYX, "")
    with pytest.raises(ServerError) as caught:
        client.infer(
            replace(SPEC, inputs=(other, SPEC.inputs[1])), INPUTS | {"volume": np.ones((1, 1, 1), "f4")}
        )
    assert caught.value.code == "request-refused"


def test_deadline_is_kept(client):
    client.server_info()
    client._session.settings = replace(client.settings, timeout_s=1e-3)
    with pytest.raises(ServerError) as caught:
        client.infer(SPEC, INPUTS)
    assert caught.value.code == "deadline-exceeded"


def test_absent_server_is_one_clear_error_at_once():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"127.0.0.1:{taken.getsockname()[1]}"
        start = time.monotonic()
        with Client(url) as client, pytest.raises(ServerError, match=url) as caught:
            client.infer(SPEC, INPUTS)
    assert caught.value.code == "server-unavailable"
    assert time.monotonic() - start < 10


def test_closed_client_says_so(live):
    client = Client(live.grpc_url)
    client.close()
    client.close()
    with pytest.raises(InputError) as caught:
        client.server_info()
    assert caught.value.code == "client-closed"


def test_port_of_another_protocol_is_unavailable(live):
    with Client(live.http_url) as client, pytest.raises(ServerError) as caught:
        client.server_info()
    assert caught.value.code == "server-unavailable"


def test_server_that_dies_is_used_again_after_its_restart(live):
    with Client(live.grpc_url, shared_memory_key=live.shared_memory_key, retries=PATIENT) as client:
        check(client.infer(SPEC, INPUTS))
        os.kill(live.pid, signal.SIGKILL)
        check(client.infer(SPEC, INPUTS))
        assert client.transport_used == "shared-memory"
