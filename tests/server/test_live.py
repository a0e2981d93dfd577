"""The embedded server for real: one tritonserver on a tiny repository, shared by most tests."""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import pytest
import tritonclient.grpc as triton

from scanserve.contracts import NOT_FOR_DIAGNOSIS, ServerError
from scanserve.server import SHM_KEY_HEADER, Embedded, processes, write_canaries
from tests.support import tiny_models as tiny

pytestmark = pytest.mark.live
SHM = Path("/dev/shm")
#: Waits end as soon as what they wait for is there; the limit is for a machine that is very busy.
LIMIT_S = 120.0


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    return tiny.write_repository(tmp_path_factory.mktemp("repository"))


@pytest.fixture(scope="module")
def server(repository, tmp_path_factory):
    log = tmp_path_factory.mktemp("log") / "server.log"
    with Embedded(repository, models=tiny.MODELS, require_canaries=False, log_path=log) as running:
        write_canaries(running.grpc_url, repository, tiny.MODELS)
        yield running


@pytest.fixture
def client(server):
    with triton.InferenceServerClient(server.grpc_url) as client:
        yield client


def infer(client, spec, outputs=None, **arrays):
    inputs = []
    for name, array in arrays.items():
        tensor = triton.InferInput(name, array.shape, spec.input(name).dtype)
        tensor.set_data_from_numpy(array)
        inputs.append(tensor)
    wanted = [triton.InferRequestedOutput(name) for name in outputs] if outputs else None
    return client.infer(spec.name, inputs, outputs=wanted, client_timeout=LIMIT_S)


def volume(seed=0, shape=(3, 4, 5)):
    return np.random.default_rng(seed).integers(-1024, 3072, shape).astype(np.int16)


def wait_until(condition, seconds=LIMIT_S):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def regions(prefix):
    return [path.name for path in SHM.glob(f"{prefix}*")]


def is_listening(url):
    host, port = url.split(":")
    with contextlib.closing(socket.socket()) as probe:
        return probe.connect_ex((host, int(port))) == 0


def test_answers(client):
    array = volume()
    result = infer(client, tiny.DOUBLE, volume=array)
    np.testing.assert_array_equal(result.as_numpy("doubled"), array.astype(np.int32) * 2)
    np.testing.assert_array_equal(result.as_numpy("plus_one"), array.astype(np.int32) + 1)


def test_only_requested_outputs(client):
    result = infer(client, tiny.DOUBLE, ["plus_one"], volume=volume())
    assert result.as_numpy("doubled") is None
    assert result.as_numpy("plus_one") is not None


def test_ensemble(client):
    array = volume(1)
    result = infer(client, tiny.CHAIN, volume=array)
    np.testing.assert_array_equal(result.as_numpy("doubled"), array.astype(np.int32) * 2)


def test_requests_are_batched_and_split_again(client):
    def counts():
        stats = client.get_inference_statistics(tiny.SQUARE.name).model_stats[0]
        return stats.inference_count, stats.execution_count

    before = counts()
    batches = [np.random.default_rng(seed).random((1 + seed % 3, 4)).astype(np.float32) for seed in range(6)]
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda batch: infer(client, tiny.SQUARE, numbers=batch), batches))
    for batch, result in zip(batches, results, strict=True):
        np.testing.assert_allclose(result.as_numpy("squares"), batch**2, rtol=1e-6)
    inferences, executions = (after - start for after, start in zip(counts(), before, strict=True))
    assert inferences == sum(map(len, batches))
    assert executions < len(batches)


def test_an_engine_error_names_shapes_and_no_values(client):
    secret = np.full(7, 1234.5, np.float32)
    with pytest.raises(triton.InferenceServerException) as caught:
        infer(client, tiny.FUSSY, values=secret)
    assert "tiny_fussy" in str(caught.value)
    assert "values [7]" in str(caught.value)
    assert "1234" not in str(caught.value)
    infer(client, tiny.FUSSY, values=np.ones(24, np.float32))  # and the model goes on


def test_listens_on_loopback_alone(server):
    listening = set()
    for table in ("tcp", "tcp6"):
        for line in Path("/proc", str(server.pid), "net", table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":
                address, port = fields[1].split(":")
                listening.add((int(port, 16), address))
    for url in (server.grpc_url, server.http_url, server.metrics_url):
        found = {address for port, address in listening if port == int(url.split(":")[1])}
        assert found
        assert found <= {
            "0100007F",
            "0000000000000000FFFF00000100007F",
        }  # 127.0.0.1, on IPv4 or mapped to IPv6


def test_metrics(server):
    with urllib.request.urlopen(f"http://{server.metrics_url}/metrics") as answer:
        assert b"nv_inference_request_success" in answer.read()


def test_shared_memory_needs_the_key(server, client):
    name = f"/scanserve_test_{os.getpid()}"
    array = volume(2)
    path = SHM / name[1:]
    headers = {SHM_KEY_HEADER: server.shared_memory_key}
    with open(path, "w+b") as file:
        try:
            file.truncate(array.nbytes)
            with mmap.mmap(file.fileno(), array.nbytes) as memory:
                memory[:] = array.tobytes()
            for wrong in ({}, {SHM_KEY_HEADER: "x" * 43}):
                with pytest.raises(triton.InferenceServerException, match="restricted"):
                    client.register_system_shared_memory("region", name, array.nbytes, headers=wrong)
            client.register_system_shared_memory("region", name, array.nbytes, headers=headers)
            tensor = triton.InferInput("volume", array.shape, "INT16")
            tensor.set_shared_memory("region", array.nbytes)
            result = client.infer(tiny.DOUBLE.name, [tensor])
            np.testing.assert_array_equal(result.as_numpy("doubled"), array.astype(np.int32) * 2)
            client.unregister_system_shared_memory("region", headers=headers)
        finally:
            path.unlink()


@pytest.mark.parametrize(
    "call",
    [
        lambda client, headers: client.load_model("tiny_double", headers=headers),
        lambda client, headers: client.unload_model("tiny_double", headers=headers),
        lambda client, headers: client.get_model_repository_index(headers=headers),
        lambda client, headers: client.update_log_settings({"log_verbose_level": 1}, headers=headers),
        lambda client, headers: client.update_trace_settings(
            settings={"trace_level": "TENSORS"}, headers=headers
        ),
    ],
    ids=["load", "unload", "index", "logging", "trace"],
)
def test_closed_protocols_refuse_even_the_key(server, client, call):
    for headers in ({}, {SHM_KEY_HEADER: server.shared_memory_key}):
        with pytest.raises(triton.InferenceServerException, match="restricted"):
            call(client, headers)


@pytest.mark.parametrize(
    "path",
    [
        "repository/index",
        "repository/models/tiny_double/load",
        "repository/models/tiny_double/unload",
        "logging",
        "trace/setting",
        "systemsharedmemory/region/x/register",
        "cudasharedmemory/region/x/register",
    ],
)
def test_closed_apis_refuse_on_http(server, path):
    request = urllib.request.Request(f"http://{server.http_url}/v2/{path}", data=b"{}", method="POST")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)
    assert caught.value.code == 403
    caught.value.close()


def test_the_key_is_neither_in_the_command_line_nor_in_the_log(server):
    key = server.shared_memory_key.encode()
    assert wait_until(lambda: key not in Path("/proc", str(server.pid), "cmdline").read_bytes())
    assert b"--grpc-port" in Path("/proc", str(server.pid), "cmdline").read_bytes()
    assert key not in server.log_path.read_bytes()


def test_no_stub_holds_a_network_connection(server):
    inodes = set()
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path("/proc/net", table).read_text().splitlines()[1:]:
            inodes.add(line.split()[9])
    for pid in processes.descendants(server.pid):
        links = [os.readlink(link) for link in Path("/proc", str(pid), "fd").iterdir()]
        sockets = {link[8:-1] for link in links if link.startswith("socket:[")}
        assert not sockets & inodes


@pytest.mark.parametrize("victim", ["stub", "server", "guardian", "gate"])
def test_a_killed_process_is_replaced(server, client, victim):
    assert server.wait_ready(LIMIT_S)
    before = server.pid
    seen = len(server.events)
    stubs = processes.descendants(before)
    victims = {"stub": stubs[0], "server": before, "guardian": server._process.guardian_pid}
    victims["gate"] = server.gate_pid
    prefix = server._process.shm_prefix
    os.kill(victims[victim], signal.SIGKILL)
    assert wait_until(lambda: not server.ready)
    assert server.wait_ready(LIMIT_S)
    assert server.pid != before
    assert [event.kind for event in server.events[seen:]] == ["died", "ready"]
    test_answers(client)
    assert wait_until(lambda: not [pid for pid in (before, *stubs) if processes.is_alive(pid)])
    assert not regions(prefix)


def test_a_request_under_way_when_its_stub_dies_gets_an_error(server, client):
    assert server.wait_ready(LIMIT_S)
    matrix = np.zeros((64, 64), np.float32)
    with ThreadPoolExecutor(1) as pool:
        futures = [pool.submit(infer, client, tiny.SLOW, matrix=matrix) for _ in range(20)]
        time.sleep(0.05)
        for pid in processes.descendants(server.pid):
            os.kill(pid, signal.SIGKILL)
        errors = [future.exception(LIMIT_S) for future in futures]
    assert any(isinstance(error, triton.InferenceServerException) for error in errors)
    assert wait_until(lambda: server.events[-1].kind == "ready" and server.ready)


def test_a_wrong_canary_answer_refuses_readiness(server, repository, tmp_path):
    only = (tiny.DOUBLE,)
    shutil.copytree(repository / "tiny_double", tmp_path / "tiny_double")
    path = tmp_path / "tiny_double" / "canary.json"
    content = json.loads(path.read_text())
    content["outputs"]["doubled"]["mean"] += 100.0
    path.write_text(json.dumps(content))
    with pytest.raises(ServerError, match=r"tiny_double.*'doubled' has mean") as caught:
        Embedded(tmp_path, models=only, log_path=tmp_path / "log").start()
    assert caught.value.code == "canary-mismatch"


@pytest.fixture
def proved(tmp_path):
    """A repository of a network and its ensemble, with their stored answers."""
    models = (tiny.SQUARE, tiny.SQUARED)
    repository = tiny.write_repository(tmp_path / "models", models)
    with Embedded(repository, models=models, check_canaries=False, log_path=tmp_path / "log") as server:
        write_canaries(server.grpc_url, repository, models)
    return repository


def test_a_network_is_asked_once_at_a_start_within_its_ensemble(proved, tmp_path):
    models = (tiny.SQUARE, tiny.SQUARED)
    with (
        Embedded(proved, models=models, log_path=tmp_path / "log") as server,
        triton.InferenceServerClient(server.grpc_url) as client,
    ):
        assert client.get_inference_statistics("tiny_square").model_stats[0].inference_count == 1


def test_a_network_with_other_weights_is_named_though_its_ensemble_is_asked(proved, tmp_path):
    path = proved / "tiny_square" / "1" / "model.onnx"
    model = onnx.load(str(path))
    model.graph.node[0].op_type = "Add"
    onnx.save(model, str(path))
    with pytest.raises(ServerError, match="'tiny_square' does not give its stored answer") as caught:
        Embedded(proved, models=(tiny.SQUARE, tiny.SQUARED), log_path=tmp_path / "log").start()
    assert caught.value.code == "canary-mismatch"


def test_only_the_chosen_models_are_served(repository, tmp_path):
    chosen = (tiny.DOUBLE, tiny.CHAIN)
    with Embedded(repository, models=chosen, require_canaries=False, log_path=tmp_path / "log") as server:
        with triton.InferenceServerClient(server.grpc_url) as client:
            served = {spec.name for spec in tiny.MODELS if client.is_model_ready(spec.name)}
            assert infer(client, tiny.CHAIN, volume=volume()).as_numpy("doubled").any()
        assert served == {"tiny_double", "tiny_chain"}
        assert len(processes.descendants(server.pid)) == 1  # one stub: an ensemble has none
        assert server.model_repository == repository.resolve()


def test_answers_that_are_not_checked_may_be_wrong(repository, tmp_path):
    shutil.copytree(repository / "tiny_double", tmp_path / "tiny_double")
    (tmp_path / "tiny_double" / "canary.json").write_text("{}")
    with Embedded(tmp_path, models=(tiny.DOUBLE,), check_canaries=False, log_path=tmp_path / "log") as server:
        assert server.ready


def test_a_server_that_ends_while_starting_is_started_once_more(repository, tmp_path, monkeypatch):
    from scanserve.server import embedded

    really, tried = embedded.wait_until_loaded, []

    def wait(process, *arguments):
        tried.append(process)
        if len(tried) == 1:
            raise ServerError("server-start-failed", "the server ended while starting.")
        really(process, *arguments)

    monkeypatch.setattr(embedded, "wait_until_loaded", wait)
    with Embedded(
        repository, models=(tiny.DOUBLE,), require_canaries=False, log_path=tmp_path / "log"
    ) as server:
        assert server.ready
    assert len(tried) == 2
    assert tried[0].exit_status() is not None  # nothing of the first is left


def test_a_model_that_does_not_load_is_named(tmp_path):
    tiny.write_repository(tmp_path, (tiny.FUSSY,))
    (tmp_path / "tiny_fussy" / "1" / "model.onnx").write_bytes(b"no model")
    with pytest.raises(ServerError, match="failed to load 'tiny_fussy'") as caught:
        Embedded(tmp_path, models=(tiny.FUSSY,), require_canaries=False, log_path=tmp_path / "log").start()
    assert caught.value.code == "server-start-failed"


_PARENT = """
import sys, time
sys.path.insert(0, {here!r})
from tests.support import tiny_models as tiny
from scanserve.server import Embedded
server = Embedded({repository!r}, models=(tiny.FUSSY,), require_canaries=False, log_path={log!r}).start()
print(server.pid, server.grpc_url, server._process.shm_prefix, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_its_parent(tmp_path, number):
    tiny.write_repository(tmp_path / "repository", (tiny.FUSSY,))
    program = _PARENT.format(
        here=str(Path(__file__).parents[2]),
        repository=str(tmp_path / "repository"),
        log=str(tmp_path / "log"),
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        pid, url, prefix = parent.stdout.readline().split()
        family = processes.descendants(parent.pid)
        assert int(pid) in family
        assert len(family) == 4  # guardian, server, stub, gate
        assert regions(prefix)
        assert is_listening(url)
        parent.send_signal(number)
    assert wait_until(lambda: not any(map(processes.is_alive, family)))
    assert wait_until(lambda: not regions(prefix))
    assert not is_listening(url)


_SERVE = """
import sys
sys.path.insert(0, {here!r})
from tests.support import tiny_models as tiny
import scanserve.server.repository
scanserve.server.repository.all_models = lambda: tiny.MODELS
from scanserve.server.command import app
app()
"""


def test_serve_prints_where_it_listens_and_ends_cleanly_on_sigterm(server, repository, tmp_path):
    shutil.copytree(repository / "tiny_fussy", tmp_path / "tiny_fussy")
    program = _SERVE.format(here=str(Path(__file__).parents[2]))
    command = [sys.executable, "-c", program, "--model-repository", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as serve:
        lines = []
        while not lines or not lines[-1].startswith("ready"):
            lines.append(serve.stdout.readline())
        text = "".join(lines)
        (url,) = re.findall(r"gRPC +(\S+)", text)
        assert "tiny_fussy" in text
        assert NOT_FOR_DIAGNOSIS in text
        assert is_listening(url)
        family = processes.descendants(serve.pid)
        serve.send_signal(signal.SIGTERM)
        assert serve.wait(LIMIT_S) == 0
    assert not any(map(processes.is_alive, family))
    assert not is_listening(url)


_GIVES_UP = """
import sys
sys.path.insert(0, {here!r})
from tests.support import tiny_models as tiny
import scanserve.server.repository
from scanserve.server import embedded, supervisor
scanserve.server.repository.all_models = lambda: tiny.MODELS
embedded.Policy = lambda: supervisor.Policy(poll_s=0.1, max_restarts=0)
from scanserve.client.cli import main
sys.exit(main(["serve", "--model-repository", {repository!r}, "--log", {log!r}]))
"""


def test_giving_up_ends_with_a_status_that_a_service_manager_restarts(server, repository, tmp_path):
    shutil.copytree(repository / "tiny_fussy", tmp_path / "models" / "tiny_fussy")
    program = _GIVES_UP.format(
        here=str(Path(__file__).parents[2]), repository=str(tmp_path / "models"), log=str(tmp_path / "log")
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as serve:
        while not serve.stdout.readline().startswith("ready"):
            assert serve.poll() is None
        family = processes.descendants(serve.pid)
        os.kill(family[-1], signal.SIGKILL)
        output, errors = serve.communicate(timeout=LIMIT_S)
    assert serve.returncode == 4
    assert "gave-up" in output
    assert "server-gave-up" in errors
    assert not any(map(processes.is_alive, family))


def test_leaving_leaves_nothing(server):
    """Last: ends the shared server."""
    assert server.wait_ready(LIMIT_S)
    family = [server.pid, *processes.descendants(server.pid)]
    prefix = server._process.shm_prefix
    assert regions(prefix)
    server.stop()
    assert not [pid for pid in family if processes.is_alive(pid)]
    assert not [url for url in (server.grpc_url, server.http_url, server.metrics_url) if is_listening(url)]
    assert not regions(prefix)
    server.stop()
