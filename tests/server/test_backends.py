"""The python-based backends without a server: each in its own Python, with a stand-in for Triton's module."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import scanserve.server
from tests.support import tiny_models as tiny

BACKENDS = Path(scanserve.server.__file__).with_name("backends")

#: Loads the model; what follows asks it.
_LOAD = """
import json, sys, types
import numpy as np

network = []
sys.addaudithook(lambda event, args: network.append(event) if event.startswith("socket.") else None)

class Tensor:
    def __init__(self, name, array):
        self._name, self._array = name, array
    def name(self): return self._name
    def shape(self): return list(self._array.shape)
    def as_numpy(self): return self._array

class Response:
    def __init__(self, output_tensors=(), error=None):
        self.outputs = {tensor.name(): tensor.as_numpy().tolist() for tensor in output_tensors}
        self.error = error

class Request:
    def __init__(self, wanted, **arrays):
        self._wanted, self._inputs = wanted, [Tensor(*pair) for pair in arrays.items()]
    def inputs(self): return self._inputs
    def requested_output_names(self): return self._wanted

pb_utils = types.ModuleType("triton_python_backend_utils")
pb_utils.Tensor, pb_utils.InferenceResponse, pb_utils.TritonError = Tensor, Response, str
said = []
pb_utils.Logger = types.SimpleNamespace(log_error=lambda text: None, log_info=said.append)
sys.modules["triton_python_backend_utils"] = pb_utils

import importlib.util
def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

backends, engine, arguments = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
load("scanserve_batching", backends + "/batching.py")
module = load("model", f"{backends}/{engine}/model.py")
model = module.TritonPythonModel()
model.initialize(arguments)
"""

_ANSWER = """
def request(wanted, inputs):
    return Request(wanted, **{name: np.array(values, np.float32) for name, values in inputs.items()})

requests = [request(*each) for each in json.loads(sys.argv[4])]
responses = model.execute(requests)
print(json.dumps({
    "responses": [[response.outputs, response.error] for response in responses],
    "network": network,
    "said": said,
    "precisions": [
        module._precision(model.settings, capabilities) for capabilities in (["FP32"], ["FP32", "BF16"])
    ] if engine == "openvino" else [],
    "unwanted": [
        name
        for name, found in sys.modules.items()
        if name.startswith(("openvino_telemetry", "openvino.tools")) and found
    ],
}))
"""

#: How much memory beside its inputs and outputs (MiB) the model holds more after ten equal requests than after one.
_HOLD = """
def held():
    status = open("/proc/self/status").read()
    return int(status.split("RssAnon:")[1].split()[0]) >> 10

volume = {"volume": np.ones((16, 512, 512), np.int16)}
model.compute(volume, ["highest"])
once = held()
for _ in range(9):
    model.compute(volume, ["highest"])
print(json.dumps(held() - once))
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    return tiny.write_repository(
        tmp_path_factory.mktemp("repository"), (tiny.SQUARE, tiny.FUSSY, tiny.LAYERED)
    )


def run(repository, engine, spec, requests, *, program=_ANSWER, **parameters):
    pytest.importorskip("openvino" if engine == "openvino" else "onnxruntime")
    config = {
        "name": spec.name,
        "max_batch_size": spec.max_batch_size,
        "default_model_filename": "model.xml",
        "parameters": {name: {"string_value": value} for name, value in parameters.items()},
    }
    arguments = {
        "model_config": json.dumps(config),
        "model_repository": str(repository / spec.name),
        "model_version": "1",
    }
    command = [
        sys.executable,
        "-c",
        _LOAD + program,
        str(BACKENDS),
        engine,
        json.dumps(arguments),
        json.dumps(requests),
    ]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout.splitlines()[-1])


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_batches_are_joined_and_split_and_nothing_phones_home(repository, engine):
    batches = [[[1, 2, 3, 4]], [[5, 6, 7, 8], [9, 10, 11, 12]], [[0, 0, 0, 1]]]
    answer = run(repository, engine, tiny.SQUARE, [[["squares"], {"numbers": batch}] for batch in batches])
    expected = [[[value**2 for value in row] for row in batch] for batch in batches]
    assert [outputs["squares"] for outputs, _ in answer["responses"]] == expected
    assert answer["network"] == []
    assert answer["unwanted"] == []


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_an_error_belongs_to_its_request(repository, engine):
    requests = [[["same"], {"values": [1234.5] * 7}], [["same"], {"values": [2.0] * 24}]]
    (bad, good) = run(repository, engine, tiny.FUSSY, requests)["responses"]
    assert bad[0] == {}
    assert "tiny_fussy" in bad[1]
    assert "values [7]" in bad[1]
    assert "1234" not in bad[1]
    assert good == [{"same": [2.0] * 24}, None]


def test_a_lower_precision_is_used_where_the_processor_has_it(repository):
    answer = run(repository, "openvino", tiny.SQUARE, [], precision="bf16")
    assert answer["precisions"] == ["f32", "bf16"]
    assert answer["said"][0] in ("tiny_square: computes in f32", "tiny_square: computes in bf16")


def test_without_a_precision_it_is_fp32(repository):
    answer = run(repository, "openvino", tiny.SQUARE, [])
    assert answer["precisions"] == ["f32", "f32"]
    assert answer["said"][0] == "tiny_square: computes in f32"


def test_equal_requests_hold_no_more_memory_than_one(repository):
    assert run(repository, "onnxruntime", tiny.LAYERED, [], program=_HOLD) < 8
