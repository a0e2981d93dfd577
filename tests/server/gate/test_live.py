"""The gate in front of the real tritonserver: who is let through, whose turn it is, and what goes around."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import numpy as np
import pytest
import tritonclient.grpc as triton
from tritonclient.grpc import service_pb2

from scanserve.client.transport import AsyncClient, Client
from scanserve.contracts import InputError, ServerError
from scanserve.contracts.announced import ANNOUNCED_HEADER, announce
from scanserve.server import SHM_KEY_HEADER, Embedded
from scanserve.server.gate.limits import Limits
from scanserve.server.gate.upstream import SERVICE
from scanserve.server.options import GRPC_TARGET
from tests.support import tiny_models as tiny
from tests.support.ports import free_port

pytestmark = pytest.mark.live
LIMIT_S = 120.0
S = grpc.StatusCode
MODELS = (tiny.DOUBLE, tiny.SLOWER, tiny.SQUARE)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gate")
    repository = tiny.write_repository(folder / "models", MODELS)
    with Embedded(repository, models=MODELS, require_canaries=False, log_path=folder / "log") as running:
        yield running


@pytest.fixture
def channel(server):
    with grpc.insecure_channel(server.grpc_url) as one:
        yield one


def slow():
    """A request of about a second."""
    message = service_pb2.ModelInferRequest(model_name="tiny_slower")
    message.inputs.add(name="matrix", datatype="FP32", shape=[512, 512])
    message.raw_input_contents.append(bytes(512 * 512 * 4))
    return message.SerializeToString()


def calling(channel, method="ModelInfer"):
    return channel.unary_unary(f"/{SERVICE}/{method}")


def executions(server, model="tiny_slower"):
    with triton.InferenceServerClient(server.grpc_url) as client:
        return client.get_inference_statistics(model).model_stats[0].execution_count


def gauge(server, name, model="tiny_slower"):
    text = urllib.request.urlopen(f"http://{server.metrics_url}/metrics").read().decode()
    (row,) = [row for row in text.splitlines() if row.startswith(f'scanserve_gate_{name}{{model="{model}"')]
    return int(row.split()[-1])


def wait_until(condition, seconds=LIMIT_S):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def idle(server):
    return wait_until(lambda: gauge(server, "running") == gauge(server, "waiting") == 0)


def test_what_is_too_much_is_refused_at_once_with_a_time(server, channel):
    before = executions(server)
    futures = [calling(channel).future(slow(), timeout=LIMIT_S) for _ in range(12)]
    ended = {}

    def note(future):
        ended[future] = time.monotonic()

    for future in futures:
        future.add_done_callback(note)
    refused = [future for future in futures if future.exception(LIMIT_S) is not None]
    assert wait_until(lambda: len(ended) == 12)
    assert len(refused) == 10  # one ran, one waited
    assert {future.code() for future in refused} == {S.RESOURCE_EXHAUSTED}
    told = [dict(future.trailing_metadata()) for future in refused]
    assert all(int(one["retry-after-ms"]) > 0 for one in told)
    assert all(one["grpc-retry-pushback-ms"] == one["retry-after-ms"] for one in told)
    answered = [ended[future] for future in futures if future not in refused]
    assert max(ended[future] for future in refused) < min(answered)
    assert wait_until(lambda: executions(server) >= before + 2)  # counted after the answer
    assert executions(server) == before + 2


def test_what_announces_itself_to_a_full_model_is_refused_unread(server, channel):
    """Its message is none of a request: with room, it would be told so."""
    assert idle(server)
    announced = ((ANNOUNCED_HEADER, announce("tiny_slower", 1)),)
    nonsense = bytes(64 << 20)

    def refusal(metadata):
        return calling(channel).future(nonsense, timeout=LIMIT_S, metadata=metadata).exception(LIMIT_S).code()

    assert refusal(announced) is S.INVALID_ARGUMENT
    busy = [calling(channel).future(slow(), timeout=LIMIT_S) for _ in range(2)]
    assert wait_until(lambda: gauge(server, "waiting") == 1)
    assert refusal(announced) is S.RESOURCE_EXHAUSTED
    assert refusal(()) is S.INVALID_ARGUMENT
    assert all(future.exception(LIMIT_S) is None for future in busy)


def test_who_waits_and_goes_is_not_computed_for(server, channel):
    assert idle(server)
    before = executions(server)
    first = calling(channel).future(slow(), timeout=LIMIT_S)
    assert wait_until(lambda: gauge(server, "running") == 1)
    waiting = calling(channel).future(slow(), timeout=LIMIT_S)
    assert wait_until(lambda: gauge(server, "waiting") == 1)
    waiting.cancel()
    assert wait_until(lambda: gauge(server, "waiting") == 0)
    first.result()
    assert idle(server)
    assert executions(server) == before + 1


def test_who_waits_for_too_long_is_not_computed_for(server, channel):
    assert idle(server)
    before = executions(server)
    first = calling(channel).future(slow(), timeout=LIMIT_S)
    assert wait_until(lambda: gauge(server, "running") == 1)
    with pytest.raises(grpc.RpcError) as caught:
        calling(channel)(slow(), timeout=0.05)
    assert caught.value.code() is S.DEADLINE_EXCEEDED
    first.result()
    assert idle(server)
    assert executions(server) == before + 1


def test_a_place_is_free_when_the_work_ends_not_when_the_caller_goes(server, channel):
    assert idle(server)
    before = executions(server)
    calls = [calling(channel).future(slow(), timeout=LIMIT_S) for _ in range(2)]
    assert wait_until(lambda: gauge(server, "running") + gauge(server, "waiting") == 2)
    for call in calls:
        call.cancel()
    assert wait_until(lambda: gauge(server, "waiting") == 0)
    assert gauge(server, "running") == 1
    assert idle(server)
    assert executions(server) == before + 1


def test_our_clients_come_back_when_they_are_told(server):
    matrix = np.zeros((512, 512), np.float32)
    with Client(server.grpc_url, timeout_s=LIMIT_S) as client, ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: client.infer(tiny.SLOWER, {"matrix": matrix}), range(6)))
    assert len(answers) == 6

    async def together():
        async with AsyncClient(server.grpc_url, timeout_s=LIMIT_S) as client:
            return await asyncio.gather(*(client.infer(tiny.SLOWER, {"matrix": matrix}) for _ in range(4)))

    assert len(asyncio.run(together())) == 4


def test_a_client_without_retries_gets_a_coded_refusal(server):
    matrix = np.zeros((512, 512), np.float32)

    def ask(_):
        with Client(server.grpc_url, timeout_s=LIMIT_S, retries=0) as client:
            try:
                client.infer(tiny.SLOWER, {"matrix": matrix})
            except ServerError as error:
                return error.code
            return "answered"

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(ask, range(6)))
    assert set(outcomes) == {"answered", "server-exhausted"}


def test_going_around_the_gate_is_refused(server):
    path = server._process.private_folder / GRPC_TARGET.removeprefix("unix:")
    assert path.is_socket()
    assert path.parent.stat().st_mode & 0o777 == 0o700
    with grpc.insecure_channel(f"unix:{path}") as around:
        for method, payload in (
            ("ModelInfer", slow()),
            ("ServerReady", b""),
            ("SystemSharedMemoryStatus", b""),
        ):
            for metadata in ((), ((SHM_KEY_HEADER, server.shared_memory_key),)):
                with pytest.raises(grpc.RpcError, match="restricted"):
                    calling(around, method)(payload, timeout=LIMIT_S, metadata=metadata)


def test_streams_are_closed_before_they_begin(channel):
    with pytest.raises(grpc.RpcError) as caught:
        next(channel.stream_stream(f"/{SERVICE}/ModelStreamInfer")(iter([slow()]), timeout=LIMIT_S))
    assert caught.value.code() is S.PERMISSION_DENIED
    assert "restricted" in caught.value.details()


def test_health_by_grpcs_own_protocol(channel):
    assert channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=LIMIT_S) == b"\x08\x01"


def status(url, **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=LIMIT_S) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def test_http_answers_about_health_alone(server):
    base = f"http://{server.http_url}/v2"
    paths = {
        "/health/live": 200,
        "/health/ready": 200,
        "/models/tiny_slower/ready": 200,
        "/models/other/ready": 503,
    }
    paths |= {"": 403, "/models/tiny_slower": 403, "/models/tiny_slower/config": 403, "/models/stats": 403}
    assert {path: status(base + path) for path in paths} == paths
    assert status(f"{base}/health/live", Host="a.example") == 403
    assert status(f"{base}/health/live", Origin="http://localhost") == 403
    assert status(f"http://{server.metrics_url}/metrics", Host="a.example") == 403


def uploads(server):
    """The gate's regions that Triton has mapped."""
    mapped = Path("/proc", str(server.pid), "maps").read_text()
    wanted = f"/dev/shm/{server._process.shm_prefix}gate_"
    return {line.split()[5] for line in mapped.splitlines() if wanted in line}


def test_large_tensors_reach_triton_in_shared_memory(server):
    before = uploads(server)
    array = np.arange(256 * 256 * 20, dtype=np.int16).reshape(20, 256, 256)
    with Client(server.grpc_url, shared_memory="never") as client:
        for _ in range(3):
            outputs = client.infer(tiny.DOUBLE, {"volume": array})
            np.testing.assert_array_equal(outputs["doubled"], array.astype(np.int32) * 2)
    assert len(uploads(server) - before) == 1
    assert not list(Path("/dev/shm").glob(f"{server._process.shm_prefix}gate_*"))


def test_a_request_over_the_limit_is_refused(server, tmp_path):
    repository = tiny.write_repository(tmp_path / "models", (tiny.DOUBLE,))
    limits = Limits(request_bytes=1000)
    with (
        Embedded(
            repository,
            models=(tiny.DOUBLE,),
            require_canaries=False,
            check_canaries=False,
            log_path=tmp_path / "log",
            limits=limits,
        ) as small,
        Client(small.grpc_url, shared_memory="never") as client,
    ):
        client.infer(tiny.DOUBLE, {"volume": np.zeros((1, 1, 500), np.int16)})
        with pytest.raises(ServerError, match="1000 bytes"):
            client.infer(tiny.DOUBLE, {"volume": np.zeros((1, 1, 501), np.int16)})
        with pytest.raises(InputError, match="larger than max"):  # not even received
            client.infer(tiny.DOUBLE, {"volume": np.zeros((100, 100, 500), np.int16)})
        client.infer(tiny.DOUBLE, {"volume": np.zeros((1, 1, 500), np.int16)})


def test_http_inference_is_there_when_it_is_asked_for(tmp_path):
    repository = tiny.write_repository(tmp_path / "models", (tiny.SQUARE,))
    with Embedded(
        repository,
        models=(tiny.SQUARE,),
        require_canaries=False,
        log_path=tmp_path / "log",
        http_inference=True,
    ) as server:
        body = {"inputs": [{"name": "numbers", "shape": [1, 4], "datatype": "FP32", "data": [0, 0.5, -1, 1]}]}
        url = f"http://{server.http_url}/v2/models/tiny_square/infer"
        with urllib.request.urlopen(url, json.dumps(body).encode(), timeout=LIMIT_S) as answer:
            assert json.load(answer)["outputs"][0]["data"] == [0, 0.25, 1, 1]
        assert status(f"http://{server.http_url}/v2/health/ready") == 200
        for closed in (
            "repository/index",
            "systemsharedmemory/region/x/register",
            "trace/setting",
            "logging",
        ):
            request = urllib.request.Request(
                f"http://{server.http_url}/v2/{closed}", data=b"{}", method="POST"
            )
            with pytest.raises(urllib.error.HTTPError, match="403") as caught:
                urllib.request.urlopen(request)
            caught.value.close()


_GATE = """
import sys
sys.path.insert(0, {here!r})
from tests.support import tiny_models as tiny
import scanserve.contracts
scanserve.contracts.all_models = lambda: tiny.MODELS
from scanserve.server.gate.command import app
app()
"""


def test_the_command_stands_in_front_of_a_server_that_shares_no_memory(server):
    """A second gate in front of the first: for it, what is behind is any Triton."""
    program = _GATE.format(here=str(Path(__file__).parents[3]))
    arguments = ["--upstream", server.grpc_url, "--listen", "127.0.0.1:{port}", "--http", "127.0.0.1:{http}"]
    port, http = free_port(), free_port()
    command = [sys.executable, "-c", program, *(word.format(port=port, http=http) for word in arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        lines = []
        while not lines or not lines[-1].startswith("ready"):
            lines.append(process.stdout.readline())
        array = np.arange(256 * 256 * 20, dtype=np.int16).reshape(20, 256, 256)
        with Client(f"127.0.0.1:{port}", shared_memory_key=server.shared_memory_key) as client:
            outputs = client.infer(tiny.DOUBLE, {"volume": array})
            assert client.transport_used == "grpc"
            np.testing.assert_array_equal(outputs["doubled"], array.astype(np.int32) * 2)
        assert status(f"http://127.0.0.1:{http}/v2/health/ready") == 200
        process.terminate()
        assert process.wait(LIMIT_S) == 0
    assert "127.0.0.1" in "".join(lines)
