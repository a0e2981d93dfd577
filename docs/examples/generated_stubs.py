"""Call the CCTA endpoints with nothing but stubs generated from a .proto file, as from any other language.

pip install grpcio-tools numpy
python generated_stubs.py HOST:PORT
"""

import importlib
import sys
import tempfile
from pathlib import Path

import grpc
import numpy as np
from grpc_tools import protoc

PROTO = Path(__file__).with_name("open_inference_grpc.proto")
MESSAGE_LIMIT = 2**31 - 1
DTYPES = {"UINT8": "u1", "INT16": "<i2", "INT32": "<i4", "FP32": "<f4"}


def generate(folder):
    """Generate the stubs into ``folder`` and return its two modules: messages and service."""
    arguments = [f"-I{PROTO.parent}", f"--python_out={folder}", f"--grpc_python_out={folder}", str(PROTO)]
    if protoc.main(["protoc", *arguments]) != 0:
        raise SystemExit(f"no stubs could be generated from {PROTO.name}")
    sys.path.insert(0, folder)
    return [importlib.import_module(f"{PROTO.stem}_{suffix}") for suffix in ("pb2", "pb2_grpc")]


def call(stub, messages, model, inputs, timeout_s=120):
    """Send ``inputs`` (name -> (datatype, array)) and return all outputs by name."""
    request = messages.ModelInferRequest(model_name=model)
    for name, (datatype, array) in inputs.items():
        request.inputs.add(name=name, datatype=datatype, shape=array.shape)
        request.raw_input_contents.append(np.ascontiguousarray(array, DTYPES[datatype]).tobytes())
    answer = stub.ModelInfer(request, timeout=timeout_s)
    return {
        output.name: np.frombuffer(contents, DTYPES[output.datatype]).reshape(output.shape)
        for output, contents in zip(answer.outputs, answer.raw_output_contents, strict=True)
    }


def synthetic_volume():
    """A bright ball in soft tissue: int16 HU [z, y, x], axes toward superior, posterior and left."""
    z, y, x = np.mgrid[-32:32, -48:48, -48:48]
    return np.where(x**2 + y**2 + z**2 < 20**2, 350, 40).astype(np.int16)


def show(model, outputs):
    """Print the shape of every output."""
    for name, array in outputs.items():
        print(model, name, array.dtype, array.shape)


def main(url):
    """Run one phase through the heat maps, and two straightened vessels as one batch through the quality."""
    options = [
        ("grpc.max_send_message_length", MESSAGE_LIMIT),
        ("grpc.max_receive_message_length", MESSAGE_LIMIT),  # without it, 4 MB
    ]
    with tempfile.TemporaryDirectory() as folder, grpc.insecure_channel(url, options=options) as channel:
        messages, service = generate(folder)
        stub = service.GRPCInferenceServiceStub(channel)
        if not stub.ServerReady(messages.ServerReadyRequest(), timeout=5).ready:
            raise SystemExit(f"no server is ready at {url}")

        phase = {
            "volume": ("INT16", synthetic_volume()),
            "spacing": ("FP32", np.array([1.5, 1.5, 2.0])),  # (x, y, z) in mm
            "origin": ("FP32", np.array([-72.0, -72.0, -64.0])),  # LPS of the centre of voxel [0, 0, 0]
        }
        show("ccta_centerline", call(stub, messages, "ccta_centerline", phase))

        vessels = {  # a leading batch axis: two vessels in one request
            "straightened": ("INT16", np.full((2, 320, 32, 32), 40)),
            "length": ("FP32", np.array([[120.0], [80.0]])),
        }
        show("ccta_quality", call(stub, messages, "ccta_quality", vessels))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(sys.argv[1])
