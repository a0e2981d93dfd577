"""How long it takes to put a request together: ``python -m scanserve.client.transport.bench``.

Three ways side by side, for one CT phase of 512 x 512 x 256: what tritonclient does, one message with the
volume copied once, and a copy into memory as a shared region holds it.  No server is involved.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
from tritonclient.grpc import service_pb2

from scanserve.client.transport.request import Request, build_request
from scanserve.contracts import Axis, ModelSpec, TensorSpec

__all__ = ["measure"]

_VOLUME = TensorSpec("volume", "INT16", (Axis("z"), Axis("y"), Axis("x")), "")
_SPEC = ModelSpec("bench", "", "graph", (_VOLUME,), ())


def measure(shape: tuple[int, int, int] = (256, 512, 512), rounds: int = 7) -> dict[str, float]:
    """Median seconds by way, over interleaved ``rounds``, for an int16 volume of ``shape`` (z, y, x)."""
    volume = np.random.default_rng(0).integers(-1024, 3071, shape, np.int16)
    request = build_request(_SPEC, {"volume": volume})
    region = memoryview(bytearray(request.size))
    ways: dict[str, Callable[[], object]] = {
        "tritonclient": lambda: _generated(request),
        "one copy": request.to_bytes,
        "shared memory": lambda: request.copy_to(region),
    }
    taken = [{name: _seconds(way) for name, way in ways.items()} for _ in range(rounds)]
    return {name: statistics.median(one[name] for one in taken) for name in ways}


def _generated(request: Request) -> bytes:
    """What ``InferInput.set_data_from_numpy`` and the generated message do."""
    message = service_pb2.ModelInferRequest(model_name=request.spec.name)
    for tensor, array in zip(request.spec.inputs, request.arrays, strict=True):
        message.inputs.add(name=tensor.name, datatype=tensor.dtype, shape=array.shape)
        message.raw_input_contents.extend([array.tobytes()])
    return message.SerializeToString()


def _seconds(way: Callable[[], object]) -> float:
    start = time.perf_counter()
    way()
    return time.perf_counter() - start


if __name__ == "__main__":
    for _name, _median in measure().items():
        print(f"{_name}: {_median * 1000:.0f} ms")
