"""What the gate costs: the same requests through it, and to the Triton behind it."""

from __future__ import annotations

import contextlib
import os
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy.typing as npt

from scanserve.contracts import ModelSpec, ResultError
from scanserve.perf.bench import BenchmarkRow, in_turns

if TYPE_CHECKING:
    import grpc

    from scanserve.client.transport import Request
    from scanserve.server import Embedded

__all__ = ["gate_rows"]

_SERVICE = "inference.GRPCInferenceService"
_REGION = "bench"
_REPEAT = 15
_AIM = "1.02"


@dataclass(frozen=True)
class Way:
    """A way to Triton: a channel, and the metadata that open it."""

    channel: grpc.Channel
    metadata: tuple[tuple[str, str], ...]

    def call(self, method: str, payload: bytes) -> bytes:
        """The answer of ``method``, serialised."""
        return self.channel.unary_unary(f"/{_SERVICE}/{method}")(payload, metadata=self.metadata)


def gate_rows(
    spec: ModelSpec, models: Sequence[ModelSpec], inputs: Mapping[str, npt.NDArray]
) -> list[BenchmarkRow]:
    """One request of ``spec`` through the gate and around it, as a message and in shared memory.

    Around it means at Triton's Unix socket, so the gate pays for TCP as well.

    Raises:
        ResultError: code ``bench-failed`` where the two ways answer differently.
    """
    from scanserve.client.transport import build_request
    from scanserve.server import Embedded

    request = build_request(spec, inputs)
    with Embedded(models=models) as server, _ways(server) as (through, around):
        rows = [*_rows("gRPC", request.to_bytes(), server, through, around)]
        with _registered(request, through), _registered(request, around):
            rows += _rows("shared memory", request.to_reference(_REGION), server, through, around)
    return rows


@contextlib.contextmanager
def _ways(server: Embedded) -> Iterator[tuple[Way, Way]]:
    import grpc

    from scanserve.contracts.sharedmemory import SHM_KEY_HEADER

    options = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]
    target, header = server.behind_gate
    with (
        grpc.insecure_channel(server.grpc_url, options) as through,
        grpc.insecure_channel(target, options) as around,
    ):
        yield Way(through, ((SHM_KEY_HEADER, server.shared_memory_key),)), Way(around, (header,))


@contextlib.contextmanager
def _registered(request: Request, way: Way) -> Iterator[None]:
    """Have the inputs of ``request`` in shared memory; Triton takes a region once, so each way needs its own."""
    from tritonclient.grpc import service_pb2

    from scanserve.client.transport.sharedmemory import Region

    region = Region(request.size)
    message = service_pb2.SystemSharedMemoryRegisterRequest(
        name=_REGION, key=f"/{region.name}", byte_size=region.size
    )
    try:
        request.copy_to(region.memory)
        way.call("SystemSharedMemoryRegister", message.SerializeToString())
        yield
    finally:
        region.unlink()
        region.close()


class _Counted:
    """A call that adds up the processor time that it costs a server and its gate."""

    def __init__(self, way: Way, payload: bytes, pids: Sequence[int]) -> None:
        self._call = partial(way.call, "ModelInfer", payload)
        self._pids = pids
        self._spent_s: list[float] = []

    def __call__(self) -> None:
        before = self._processor_s()
        self._call()
        self._spent_s.append(self._processor_s() - before)

    @property
    def mean_s(self) -> float:
        """Processor seconds of one call; the clock ticks in hundredths, so a mean says more than a median."""
        return statistics.mean(self._spent_s[1:])  # without the untimed one

    def _processor_s(self) -> float:
        return sum(map(_processor_s, self._pids))


def _rows(
    transport: str, payload: bytes, server: Embedded, through: Way, around: Way
) -> tuple[BenchmarkRow, BenchmarkRow]:
    """Wall time, and processor time of server and gate, which other work on the machine disturbs less."""
    from scanserve.server import processes

    if _answer(through, payload) != _answer(around, payload):
        raise ResultError("bench-failed", f"the gate and Triton behind it answer differently ({transport}).")
    pids = [server.pid, server.gate_pid, *processes.descendants(server.pid)]
    ours, peer = (_Counted(way, payload, pids) for way in (through, around))
    wall = in_turns(ours, peer, repeat=_REPEAT)
    processor = ours.mean_s, peer.mean_s
    rest = ("s", "Triton behind it", "equal answers", _AIM)
    return (
        BenchmarkRow(f"through the gate, {transport}", wall.ours, wall.peer, *rest, wall.noise),
        BenchmarkRow(f"processor time of server and gate, {transport}", *processor, *rest),
    )


def _answer(way: Way, payload: bytes) -> list[bytes]:
    from tritonclient.grpc import service_pb2

    answer = service_pb2.ModelInferResponse.FromString(way.call("ModelInfer", payload))
    return list(answer.raw_output_contents)


def _processor_s(pid: int) -> float:
    """Seconds of processor time that a process has used so far."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
