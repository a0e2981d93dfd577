"""The script that measures forward passes alone on a GPU, proven on the CPU."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys

import pytest

from tests.support.sources import ROOT

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch
SCRIPT = ROOT / "perf" / "gpu_forward.py"
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("gpu_forward", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["gpu_forward"] = module
    before = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = before
    yield module
    del sys.modules["gpu_forward"]


@pytest.fixture(scope="module")
def thin(script):
    return script.Network("stage1", "thin", 8, 2, (32, 32, 32), 1)


def test_it_runs_alone_and_writes_what_it_measured(tmp_path):
    out = tmp_path / "gpu.json"
    command = [sys.executable, str(SCRIPT), "--device", "cpu", "--smoke", "--budget", "8", "--out", str(out)]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=True)
    assert "TFLOP/s" in done.stdout
    if out.exists():  # a machine that is very busy may end no case in time
        content = json.loads(out.read_text())
        assert content["ceilings"]["fp32"] > 0
        assert content["failed"] == []


def test_nothing_but_torch_and_numpy_is_loaded():
    ours = f"import sys, runpy; sys.argv = ['x']; runpy.run_path({str(SCRIPT)!r}, run_name='module')"
    heavy = "pydantic onnx onnxruntime monai openvino safetensors scipy tritonclient typer pydicom"
    code = f"{ours}; print([name for name in {heavy!r}.split() if name in sys.modules])"
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_folding_changes_nothing_but_rounding(script, thin):
    network = script.ResUNet50(script.ResUNetConfig(2, 3, 8)).double()
    image = thin.inputs(2, CPU).double()
    script._normalise(network, image)
    network.eval()
    with torch.inference_mode():
        before, after = network(image), script.fold(network)(image)
    assert not any(isinstance(child, torch.nn.BatchNorm3d) for child in network.modules())
    torch.testing.assert_close(after, before, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("layer", "flops"),
    [
        (torch.nn.Conv3d(2, 5, 3, padding=1), 2 * 4**3 * 5 * 2 * 27),
        (torch.nn.ConvTranspose3d(2, 5, 2, stride=2), 2 * 4**3 * 2 * 5 * 8),
        (torch.nn.ReLU(), 0),
    ],
)
def test_operations_are_counted(script, layer, flops):
    image = torch.zeros(1, 2, 4, 4, 4)
    assert script.count_flops(torch.nn.Sequential(layer), image) == flops


def test_a_floor_is_the_larger_of_bytes_and_operations(script):
    layer, image = torch.nn.Conv3d(2, 5, 3, padding=1, bias=False), torch.zeros(1, 2, 4, 4, 4)
    with torch.no_grad(), script.Counted() as counted:
        torch.relu(layer(image))
    size, flops = 4 * (2 * 64 + 5 * 64 + 5 * 2 * 27), 2 * 64 * 5 * 2 * 27
    assert counted.operations == [(size, flops), (4 * 2 * 5 * 64, 0)]
    assert counted.floor_s(1e-12, 1e9) == pytest.approx(flops, rel=1e-6)
    assert counted.floor_s(1e12, 1e-9) == pytest.approx(size + 4 * 2 * 5 * 64)


def test_the_first_item_is_the_same_for_every_batch(thin):
    one, four = thin.inputs(1, CPU), thin.inputs(4, CPU)
    torch.testing.assert_close(one[0], four[0])
    assert not torch.equal(four[0], four[1])


def test_the_committed_weights_are_read(script, thin):
    tensors = script.read_safetensors(ROOT / "weights" / "ccta_stage1" / "model.safetensors")
    from safetensors.torch import load_file

    expected = load_file(ROOT / "weights" / "ccta_stage1" / "model.safetensors")
    assert tensors.keys() == expected.keys()
    assert all(torch.equal(tensors[name], expected[name]) for name in expected)
    assert thin.build(CPU)(thin.inputs(1, CPU)).shape == (1, 3, 32, 32, 32)


def test_a_row_states_time_operations_and_error(script, thin, tmp_path):
    report = script.Report(
        tmp_path / "out.json", {"device": "here", "torch": "2"}, {"fp32": 1.0, "bf16": 2.0}
    )
    bench = script.Bench(CPU, report)
    for precision in ("fp32", "bf16"):
        bench.run(script.Case(thin, precision, "contiguous", "eager", 2))
    bench.run(script.Case(thin, "fp32", "contiguous", "graph", 1))
    exact, rounded = report.rows
    assert exact["rms_error"] < 1e-4 < rounded["rms_error"] < 0.1
    assert exact["tflops"] == pytest.approx(
        2 * exact["gflop_per_item"] / exact["median_ms"], rel=1e-2, abs=1e-4
    )
    assert exact["of_ceiling"] == pytest.approx(exact["tflops"], abs=1e-3)
    assert "graphs need a GPU" in report.failed[0]["reason"]
    assert json.loads((tmp_path / "out.json").read_text())["rows"] == report.rows
    assert exact["floor_ms"] is None  # without a copy's rate
    assert "2 rows, 1 failed" in report.table()


def test_cases_come_once_and_those_that_are_served_first(script):
    chosen = script.networks(smoke=False)
    everything = list(script.cases(chosen, script.BATCHES))
    assert len(everything) == len(set(everything))
    first = everything[0]
    assert (first.network.title, first.batch, first.layout) == ("stage2/full", 3, "channels_last_3d")
    assert {case.batch for case in everything} == {1, 2, 3, 4, 8, 16}
    assert {case.way for case in everything} == set(script.WAYS)
    assert not any(case.way.endswith("graph") for case in script.cases(chosen, (1,), gpu=False))


def test_without_a_gpu_it_says_so(script, capsys):
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    assert script.main([]) == 1
    assert "CUDA" in capsys.readouterr().err
