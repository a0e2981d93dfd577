"""Ten thousand hostile messages on loopback: no process dies, memory returns, the canary answers.

Run with ``--log-cli-level=INFO`` it prints its figures.
"""

from __future__ import annotations

import contextlib
import logging
import os
import random
import socket
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import numpy as np
import pytest
import tritonclient.grpc as triton
from tritonclient.grpc import service_pb2

from scanserve.contracts.ccta import CCTA, CENTERLINE, CROP, NORMALIZE, QUALITY
from scanserve.server import SHM_KEY_HEADER, Embedded, processes
from scanserve.server.gate.upstream import SERVICE
from tests.support import hostile

log = logging.getLogger(__name__)
pytestmark = [pytest.mark.live, pytest.mark.alone, pytest.mark.timeout(600)]

SEED = 20_250
SHOTS = 1000
THREADS = 4
LIMIT_S = 60.0
#: What a process may keep of an attack: arenas of its allocators.
KEPT_BYTES = 96 << 20
#: The gate gives free memory back every few seconds.
RETURN_S = 20.0
S = grpc.StatusCode
#: What a server that is well says to nonsense; UNAVAILABLE would be one that died.
WELL = {S.OK, S.INVALID_ARGUMENT, S.NOT_FOUND, S.PERMISSION_DENIED, S.UNIMPLEMENTED, S.RESOURCE_EXHAUSTED}
#: Valid volumes that are mostly length.
LONG = ((2048, 24, 24), (24, 2048, 24), (24, 24, 2048))
#: A mix of models whose valid requests are quick, since some shots turn out to be valid.
QUICK = (*[QUALITY] * 14, NORMALIZE)
MODELS = {"shapes": (*[NORMALIZE] * 5, QUALITY, CROP, CENTERLINE)}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    path = tmp_path_factory.mktemp("log") / "server.log"
    with Embedded(models=CCTA.models, log_path=path) as running:
        yield running


class Family:
    """The server's processes: who they are and what they hold."""

    def __init__(self, server):
        self.server = server
        self.pids = self.now()

    def now(self):
        gate = getattr(self.server, "gate_pid", self.server.pid)
        return {self.server.pid, gate, *processes.descendants(self.server.pid)}

    def role(self, pid):
        return {self.server.pid: "tritonserver", self.server.gate_pid: "gate"}.get(pid, "stub")

    def resident(self):
        return {pid: private_bytes(pid) for pid in self.pids}

    def descriptors(self):
        return {pid: len(os.listdir(f"/proc/{pid}/fd")) for pid in self.pids}

    def shared(self):
        prefix = self.server._process.shm_prefix
        return sum(path.stat().st_blocks * 512 for path in Path("/dev/shm").glob(f"{prefix}*"))


def settled(family, before):
    """By how much each process has grown, once that is little; and how long that took."""
    start = time.monotonic()
    while True:
        grown = {pid: size - before[pid] for pid, size in family.resident().items()}
        took = time.monotonic() - start
        if max(grown.values()) < KEPT_BYTES or took > RETURN_S:
            return grown, took
        time.sleep(0.5)


def private_bytes(pid):
    """Resident memory that is not shared with others."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("RssAnon"))


def fire(server, shots):
    """Send every shot, some at a time; how often each status was answered."""
    metadata = ((SHM_KEY_HEADER, server.shared_memory_key),)
    with grpc.insecure_channel(server.grpc_url) as channel, ThreadPoolExecutor(THREADS) as pool:

        def send(shot):
            call = channel.unary_unary(f"/{SERVICE}/{shot.method}")
            try:
                call(shot.payload, timeout=LIMIT_S, metadata=metadata if shot.keyed else ())
            except grpc.RpcError as error:
                return error.code()
            return S.OK

        return Counter(pool.map(send, shots))


def canary(server):
    """A small request with a known answer; the answer and how long it took."""
    start = time.monotonic()
    with triton.InferenceServerClient(server.grpc_url) as client:
        tensors = []
        for name, array in canary_arrays().items():
            tensor = triton.InferInput(name, array.shape, NORMALIZE.input(name).dtype)
            tensor.set_data_from_numpy(array)
            tensors.append(tensor)
        answer = client.infer(NORMALIZE.name, tensors, client_timeout=LIMIT_S).as_numpy("coarse")
    return answer, time.monotonic() - start


def canary_arrays():
    rng = np.random.default_rng(1)
    volume = rng.integers(-1024, 3071, (24, 32, 32), np.int16)
    vectors = {"spacing": np.array([2, 2, 3], np.float32), "origin": np.zeros(3, np.float32)}
    return {"volume": volume} | vectors


@pytest.fixture(scope="module")
def family(server):
    """The processes, once they hold what they keep for valid requests of any shape."""
    long = [hostile.good(spec, shape) for spec in (NORMALIZE, CENTERLINE) for shape in LONG]
    fire(server, map(hostile.inference, long))
    for name in hostile.GROUPS:
        fire(server, drawn(name, 20, SEED + 1))
    return Family(server)


def drawn(group, count, seed):
    return hostile.shots(hostile.GROUPS[group], MODELS.get(group, QUICK), count, seed)


@pytest.fixture(autouse=True)
def _unhurt(server, family, request):
    """After every test: the same processes, about the same memory, and the canary within a second."""
    known, _ = canary(server)
    before = (family.resident(), family.descriptors(), family.shared())
    start = time.monotonic()
    yield
    took = time.monotonic() - start
    answer, waited = canary(server)
    assert np.array_equal(answer, known)
    assert waited < 1.0
    assert family.now() == family.pids
    assert [event.kind for event in server.events] == ["ready"]
    grown, returned_s = settled(family, before[0])
    most = max(grown, key=grown.__getitem__)
    log.info(
        "%s: %.1f s, canary %.0f ms, most grown after %.1f s: %s by %.1f MiB",
        *(request.node.name, took, waited * 1000, returned_s, family.role(most), grown[most] / 2**20),
    )
    assert grown[most] < KEPT_BYTES
    assert all(count <= before[1][pid] + 8 for pid, count in family.descriptors().items())
    assert family.shared() <= before[2] + KEPT_BYTES


@pytest.mark.parametrize("group", hostile.GROUPS)
def test_hostile_messages_hurt_nobody(server, group):
    answers = fire(server, drawn(group, SHOTS, SEED))
    log.info("%s: %s", group, {status.name: count for status, count in answers.items()})
    assert answers.total() == SHOTS
    assert set(answers) <= WELL
    assert answers[S.OK] < SHOTS


def test_nonsense_in_large_tensors_makes_nonsense_alone(server):
    """Nobody looks into maps and crops: a graph must live with whatever they hold."""
    for number in (np.nan, np.inf, -1e30, 1e30):
        message = hostile.good(CROP)
        message.outputs.add(name="presence")  # the crops themselves are 50 MB
        index = [tensor.name for tensor in message.inputs].index("coarse_maps")
        size = len(message.raw_input_contents[index]) // 4
        message.raw_input_contents[index] = np.full(size, number, np.float32).tobytes()
        assert set(fire(server, [hostile.inference(message)])) <= WELL | {S.INTERNAL}


@pytest.mark.parametrize("shape", [[-2, -2, 1], [2**62, 4, 1], [10**6, 1, 1]], ids=str)
@pytest.mark.parametrize("spec", [NORMALIZE, CROP, CENTERLINE], ids=lambda spec: spec.name)
def test_shapes_that_have_killed_are_refused_by_name(server, spec, shape):
    message = hostile.good(spec)
    message.inputs[0].shape[:] = shape
    message.raw_input_contents[0] = bytes(8 if shape[0] == -2 else 2 * 10**6 if shape[0] == 10**6 else 0)
    with grpc.insecure_channel(server.grpc_url) as channel, pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary(f"/{SERVICE}/ModelInfer")(message.SerializeToString(), timeout=LIMIT_S)
    assert caught.value.code() is S.INVALID_ARGUMENT
    assert repr(spec.inputs[0].name) in caught.value.details()
    assert str(shape[0]) in caught.value.details()


def test_a_region_that_shrinks_is_refused(server):
    """A mapped file that has become shorter would end Triton with SIGBUS."""
    name = f"scanserve-test-{os.getpid()}"
    path = Path("/dev/shm", name)
    arrays = canary_arrays()
    volume = arrays["volume"]
    headers = {SHM_KEY_HEADER: server.shared_memory_key}
    try:
        path.write_bytes(volume.tobytes())
        with triton.InferenceServerClient(server.grpc_url) as client:
            client.register_system_shared_memory("kept", f"/{name}", volume.nbytes, headers=headers)
            os.truncate(path, 100)
            tensors = [
                triton.InferInput("volume", volume.shape, "INT16"),
                triton.InferInput("spacing", [3], "FP32"),
                triton.InferInput("origin", [3], "FP32"),
            ]
            tensors[0].set_shared_memory("kept", volume.nbytes)
            for tensor in tensors[1:]:
                tensor.set_data_from_numpy(arrays[tensor.name()])
            with pytest.raises(triton.InferenceServerException, match="smaller"):
                client.infer(NORMALIZE.name, tensors)
            client.unregister_system_shared_memory("kept", headers=headers)
    finally:
        path.unlink(missing_ok=True)


def test_the_servers_own_memory_cannot_be_registered(server):
    """The keys that CVE-2025-23319 and its kin need."""
    regions = [
        path.name for path in Path("/dev/shm").iterdir() if path.name.startswith(server._process.shm_prefix)
    ]
    assert regions
    headers = {SHM_KEY_HEADER: server.shared_memory_key}
    with triton.InferenceServerClient(server.grpc_url) as client:
        for region in regions:
            with pytest.raises(triton.InferenceServerException, match="region of the client"):
                client.register_system_shared_memory("mine", f"/{region}", 64, headers=headers)


@pytest.mark.parametrize("port", ["http_url", "metrics_url"])
def test_http_bodies_and_pages_hurt_nobody(server, port):
    host, number = getattr(server, port).split(":")
    statuses = Counter()
    for data in hostile.http_shots(int(number)):
        statuses[exchange(host, int(number), data)[:12]] += 1
    log.info("%s: %s", port, dict(statuses))
    assert not statuses[b"HTTP/1.1 200"]


@pytest.mark.parametrize("port", ["grpc_url", "http_url", "metrics_url"])
def test_random_bytes_hurt_nobody(server, port):
    host, number = getattr(server, port).split(":")
    for data in hostile.tcp_shots(random.Random(SEED), 100):
        exchange(host, int(number), data, wait_s=0.02)


def exchange(host, port, data, wait_s=5.0):
    """Send ``data`` on a connection of its own; the first bytes of the answer, if any."""
    with contextlib.closing(socket.create_connection((host, port), timeout=5.0)) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        connection.settimeout(wait_s)
        with contextlib.suppress(OSError):
            return connection.recv(4096)
    return b""


def test_bombs_are_not_inflated(server):
    """A small message that gzip makes a thousand times larger."""
    message = service_pb2.ModelInferRequest(model_name=NORMALIZE.name)
    message.raw_input_contents.append(bytes(64 << 20))
    options = [
        ("grpc.default_compression_algorithm", grpc.Compression.Gzip),
        ("grpc.max_send_message_length", -1),
    ]
    with (
        grpc.insecure_channel(server.grpc_url, options=options) as channel,
        pytest.raises(grpc.RpcError) as caught,
    ):
        channel.unary_unary(f"/{SERVICE}/ModelInfer")(
            message.SerializeToString(), timeout=LIMIT_S, compression=grpc.Compression.Gzip
        )
    assert caught.value.code() is S.UNIMPLEMENTED


def test_silent_callers_keep_nobody_out(server):
    """Connections that begin a call and never send its message."""
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
    host, port = server.grpc_url.split(":")
    with contextlib.ExitStack() as stack:
        for _ in range(50):
            connection = stack.enter_context(contextlib.closing(socket.create_connection((host, int(port)))))
            connection.sendall(preface)
        assert canary(server)[1] < 1.0
