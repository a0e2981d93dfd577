"""Messages that are meant to hurt a server: seeded, bounded in number and size, for loopback alone."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from tritonclient.grpc import service_pb2

from scanserve.contracts import ModelSpec

#: Sizes of axes that have hurt somebody: signs, zero, one over the limit, and what overflows when multiplied.
SIZES = (-(2**63), -(2**62), -(2**31), -3, -2, -1, 0, 1, 2, 3, 24, 2047, 2048, 2049, 10**6)
SIZES += (2**31 - 1, 2**31, 2**32, 2**62, 2**63 - 1)
TYPES = (
    "",
    "INT8",
    "UINT8",
    "INT16",
    "int16",
    "INT32",
    "INT64",
    "FP16",
    "FP32",
    "FP64",
    "BF16",
    "BOOL",
    "BYTES",
    "X" * 99,
)
NUMBERS = (np.nan, np.inf, -np.inf, 0.0, -0.0, -1.0, 1e-45, 1e-30, 0.0099, 100.1, 1e30, 3.4e38, -3.4e38)
NAMES = (
    "",
    "volume",
    "spacing",
    "Volume",
    "volume\0",
    "../volume",
    "coarse",
    "x" * 4000,
    "\N{SNOWMAN}",
    "%n%s",
)
#: The longest message that a generator makes.
MOST_BYTES = 1 << 20


@dataclass(frozen=True)
class Shot:
    """One hostile call."""

    method: str
    payload: bytes = field(repr=False)
    keyed: bool = False


#: Draws one call against one of the models.
Draw = Callable[[random.Random, ModelSpec], Shot]


def shots(draw: Draw, models: tuple[ModelSpec, ...], count: int, seed: int) -> Iterator[Shot]:
    """``count`` calls, the same for the same seed."""
    rng = random.Random(seed)
    for _ in range(count):
        yield draw(rng, rng.choice(models))


def good(spec: ModelSpec, sides: Sequence[int] = (3, 3, 3)) -> service_pb2.ModelInferRequest:
    """A valid request, with dynamic axes of ``sides``."""
    message = service_pb2.ModelInferRequest(model_name=spec.name)
    for tensor in spec.inputs:
        free = iter(sides)
        shape = [next(free) if axis.size is None else axis.size for axis in tensor.axes]
        shape = [1, *shape] if spec.batched else shape
        message.inputs.add(name=tensor.name, datatype=tensor.dtype, shape=shape)
        low, _ = tensor.drawn_from
        array = np.full(shape, max(low, 1 if tensor.high is None or tensor.high >= 1 else low))
        message.raw_input_contents.append(array.astype(tensor.numpy_dtype).tobytes())
    return message


def inference(message: service_pb2.ModelInferRequest) -> Shot:
    """The call that carries ``message``."""
    return Shot("ModelInfer", message.SerializeToString())


def wrong_shape(rng: random.Random, spec: ModelSpec) -> Shot:
    """Axes of any sign, number and size; bytes that fit their product, or none."""
    message = good(spec)
    index = rng.randrange(len(message.inputs))
    rank = rng.choice((0, 1, 2, 3, 3, 3, 3, 4, 5, 40))
    shape = [rng.choice(SIZES) for _ in range(rank)]
    if rng.random() < 0.3:
        shape = rng.choice(
            ([-2, -2, 1], [2**62, 4, 1], [-1, -1, 1], [10**6, 1, 1], [2**32, 2**32, 1], [0, 0, 0])
        )
    del message.inputs[index].shape[:]
    message.inputs[index].shape.extend(shape)
    product = 1
    for size in shape:
        product *= size
    wanted = product * spec.inputs[index].numpy_dtype.itemsize
    message.raw_input_contents[index] = (
        bytes(wanted) if 0 <= wanted <= MOST_BYTES else bytes(rng.choice((0, 8)))
    )
    return inference(message)


def wrong_length(rng: random.Random, spec: ModelSpec) -> Shot:
    """Other bytes than the shape has; entries missing, doubled, in the wrong order."""
    message = good(spec)
    index = rng.randrange(len(message.inputs))
    content = message.raw_input_contents[index]
    kind = rng.randrange(6)
    if kind < 4:
        changed = (content[:-1], content + b"\0", b"", content * 2)[kind]
        message.raw_input_contents[index] = changed
    elif kind == 4:
        del message.raw_input_contents[index]
    else:
        message.raw_input_contents.extend([b"", b"1234"] * rng.randrange(1, 40))
    return inference(message)


def wrong_type(rng: random.Random, spec: ModelSpec) -> Shot:
    """Other data types, and contents in typed fields."""
    message = good(spec)
    tensor = rng.choice(message.inputs)
    if rng.random() < 0.7:
        tensor.datatype = rng.choice([name for name in TYPES if name != tensor.datatype])
    else:
        tensor.contents.int_contents.extend([rng.choice((-1, 0, 2**31 - 1))] * rng.randrange(1, 200))
        tensor.contents.bytes_contents.append(bytes(rng.randrange(100)))
    return inference(message)


def wrong_name(rng: random.Random, spec: ModelSpec) -> Shot:
    """Models, versions, tensors, outputs and parameters that are not there."""
    message = good(spec)
    kind = rng.randrange(7)
    if kind == 0:
        message.model_name = rng.choice((*NAMES, "ccta_Normalize", "/etc/passwd", "ccta_normalize/1"))
    elif kind == 1:
        message.model_version = rng.choice(("-1", "0", "2", "9" * 40, "../1", "1 ", "\N{SNOWMAN}"))
    elif kind == 2:
        rng.choice(message.inputs).name = rng.choice(NAMES)
    elif kind == 3:
        message.inputs.extend([message.inputs[0]] * rng.choice((1, 2, 300)))
    elif kind == 4:
        message.outputs.add(name=rng.choice(NAMES))
        message.outputs.add(name=spec.outputs[0].name)
        message.outputs.add(name=spec.outputs[0].name)
    elif kind == 5:
        message.parameters[rng.choice(("sequence_id", "priority", "timeout", "x" * 900))].int64_param = -1
    else:
        rng.choice(message.inputs).parameters[rng.choice(("binary_data_size", "", "y"))].bool_param = True
    return inference(message)


def broken_off(rng: random.Random, spec: ModelSpec) -> Shot:
    """A valid message without its end."""
    whole = good(spec).SerializeToString()
    head = min(len(whole), 400)
    return Shot("ModelInfer", whole[: rng.choice((rng.randrange(head), rng.randrange(len(whole))))])


def noise(rng: random.Random, spec: ModelSpec) -> Shot:
    """Random bytes, or a valid message with some bytes of its head changed."""
    if rng.random() < 0.4:
        return Shot("ModelInfer", rng.randbytes(rng.choice((1, 7, 60, 5000))))
    whole = bytearray(good(spec).SerializeToString())
    for _ in range(rng.randrange(1, 6)):
        whole[rng.randrange(min(len(whole), 200))] = rng.randrange(256)
    return Shot("ModelInfer", bytes(whole))


def huge_claim(rng: random.Random, spec: ModelSpec) -> Shot:
    """Lengths that are not there: of fields, of regions; and very many fields."""
    kind = rng.randrange(5)
    start = service_pb2.ModelInferRequest(model_name=spec.name).SerializeToString()
    if kind == 0:
        return Shot(
            "ModelInfer",
            start + b"\x3a" + varint(rng.choice((2**20, 2**31, 2**32, 2**62, 2**64 - 1))) + b"abc",
        )
    if kind == 1:
        return Shot("ModelInfer", start + b"\x3a\x00" * rng.choice((300, 5000)))
    if kind == 2:
        return Shot("ModelInfer", start + b"\x2a" + varint(2**28) + struct.pack("<q", -1))
    if kind == 3:
        return Shot("ModelInfer", start + b"\xff" * rng.choice((5, 11, 400)))
    message = good(spec)
    del message.raw_input_contents[:]
    for tensor in message.inputs:
        tensor.parameters["shared_memory_region"].string_param = "region"
        tensor.parameters["shared_memory_byte_size"].int64_param = rng.choice((-1, 0, 2**62, -(2**63)))
        tensor.parameters["shared_memory_offset"].int64_param = rng.choice((-1, 2**63 - 1, -(2**63)))
    return inference(message)


def wrong_value(rng: random.Random, spec: ModelSpec) -> Shot:
    """Numbers that are none, or far out; in large tensors too, which nobody looks into."""
    message = good(spec)
    index = rng.randrange(len(message.inputs))
    kind = spec.inputs[index].numpy_dtype
    if kind.kind == "f":
        array = np.frombuffer(message.raw_input_contents[index], kind).copy()
        array[rng.randrange(array.size)] = rng.choice(NUMBERS)
        if rng.random() < 0.3:
            array[:] = rng.choice(NUMBERS)
        message.raw_input_contents[index] = array.tobytes()
    else:
        message.raw_input_contents[index] = rng.randbytes(len(message.raw_input_contents[index]))
    return inference(message)


def wrong_region(rng: random.Random, spec: ModelSpec) -> Shot:
    """Shared memory that is not there, not the caller's, or not as large; with the key."""
    kind = rng.randrange(3)
    size = rng.choice((-1, 0, 1, 4096, 2**40, 2**63 - 1, -(2**63)))
    if kind == 0:
        keys = ("", "/", "//", "/..", "/../etc/passwd", "etc", "/nothing", "/sem.x", "/x" * 300, "/a\0b")
        keys += ("/triton_python_backend_shm_region_1", "/scanserve_server_0_lock", "\N{SNOWMAN}")
        message = service_pb2.SystemSharedMemoryRegisterRequest(
            name=rng.choice(("region", "", "x" * 5000, "a\nb")),
            key=rng.choice(keys),
            offset=rng.choice((0, 1, 2**63, 2**64 - 1)),
            byte_size=size % 2**64,
        )
        return Shot("SystemSharedMemoryRegister", message.SerializeToString(), keyed=True)
    if kind == 1:
        name = rng.choice(("region", "nobody", "x" * 5000, "\N{SNOWMAN}"))
        message = service_pb2.SystemSharedMemoryUnregisterRequest(name=name)
        return Shot("SystemSharedMemoryUnregister", message.SerializeToString(), keyed=rng.random() < 0.5)
    message = good(spec)
    del message.raw_input_contents[:]
    for tensor in (*message.inputs, message.outputs.add(name=spec.outputs[0].name)):
        tensor.parameters["shared_memory_region"].string_param = rng.choice(("region", "kept", "client_1"))
        tensor.parameters["shared_memory_byte_size"].int64_param = size
        tensor.parameters["shared_memory_offset"].int64_param = rng.choice((0, 1, 4095, 2**62, -1))
    return inference(message)


def wrong_call(rng: random.Random, spec: ModelSpec) -> Shot:
    """Calls that are closed, not there, or about something else."""
    methods = (
        "ModelStreamInfer",
        "RepositoryIndex",
        "RepositoryModelLoad",
        "RepositoryModelUnload",
        "TraceSetting",
    )
    methods += (
        "LogSettings",
        "CudaSharedMemoryRegister",
        "CudaSharedMemoryUnregister",
        "CudaSharedMemoryStatus",
    )
    methods += (
        "Nothing",
        "",
        "modelinfer",
        "ServerLive",
        "ServerMetadata",
        "ModelReady",
        "ModelConfig",
        "ModelStatistics",
    )
    named = service_pb2.ModelReadyRequest(
        name=rng.choice((*NAMES, spec.name)), version=rng.choice(("", "1", "-1", "x"))
    )
    payload = rng.choice((b"", named.SerializeToString(), rng.randbytes(30), rng.randbytes(5000)))
    return Shot(rng.choice(methods), payload, keyed=rng.random() < 0.5)


#: Name of a group -> how its calls are drawn.
GROUPS: dict[str, Draw] = {
    "shapes": wrong_shape,
    "lengths": wrong_length,
    "types": wrong_type,
    "names": wrong_name,
    "broken-off": broken_off,
    "noise": noise,
    "claims": huge_claim,
    "values": wrong_value,
    "regions": wrong_region,
    "calls": wrong_call,
}


def http_shots(port: int) -> Iterator[bytes]:
    """What has killed HTTP parsers, and what a web page would send."""
    host = f"Host: 127.0.0.1:{port}\r\n"
    infer = f"POST /v2/models/ccta_normalize/infer HTTP/1.1\r\n{host}".encode()
    yield infer + b"Content-Length: 2097152\r\n\r\n" + b"[" * 2097152
    yield infer + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\n[\r\n" * 200_000 + b"0\r\n\r\n"
    yield infer + b"Content-Length: 99999999999999999999\r\n\r\n{}"
    yield (
        b"POST /v2/health/ready HTTP/1.1\r\n"
        + host.encode()
        + b"Transfer-Encoding: chunked\r\n\r\n"
        + b"1\r\n[\r\n" * 200_000
    )
    yield b"POST /metrics HTTP/1.1\r\n" + host.encode() + b"Content-Length: 2097152\r\n\r\n" + b"[" * 2097152
    yield f"GET /v2/health/live HTTP/1.1\r\n{host}Origin: https://a.example\r\n\r\n".encode()
    yield b"GET /v2/health/live HTTP/1.1\r\nHost: a.example\r\n\r\n"
    yield b"GET /v2/health/live HTTP/1.1\r\n" + b"X: " + b"y" * 100_000 + b"\r\n\r\n"
    yield b"GET " + b"/" * 100_000 + b" HTTP/1.1\r\n\r\n"
    yield b"\r\n\r\n" * 1000
    yield b"\0" * 5000


def tcp_shots(rng: random.Random, count: int) -> Iterator[bytes]:
    """Random bytes, and HTTP/2 that goes wrong after its greeting."""
    for _ in range(count):
        greeting = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" if rng.random() < 0.7 else b""
        frames = b"".join(
            struct.pack(">I", rng.choice((0, 1, 40, 16384, 2**24 - 1)))[1:]
            + bytes([rng.randrange(12), rng.randrange(256)])
            + struct.pack(">I", rng.choice((0, 1, 3, 2**31 - 1)))
            + rng.randbytes(rng.choice((0, 6, 40)))
            for _ in range(rng.randrange(1, 8))
        )
        yield greeting + frames


def varint(number: int) -> bytes:
    """Protobuf's variable-length form."""
    parts = []
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])
