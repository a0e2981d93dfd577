"""Libraries that send usage data are kept from it in every process of ours."""

from __future__ import annotations

import ast
import os
import subprocess
import sys

import pytest

from scanserve.contracts.telemetry import QUIET, switch_off_telemetry
from tests.support.sources import ROOT, module_of, parsed_sources

#: What runs in Triton's python stubs; ``tests/server/test_quiet_live.py`` watches it there.
STUB = ROOT / "server/scanserve/server/backends"


def run(program, home):
    """Run a program of ours with an empty home and none of our variables; the files that it left there."""
    environment = {name: value for name, value in os.environ.items() if name not in QUIET}
    environment |= {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, [str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()]


def importers(package):
    """The modules of ours that import ``package`` when they are imported themselves."""
    for file, tree in parsed_sources():
        names = [alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names]
        names += [node.module or "" for node in tree.body if isinstance(node, ast.ImportFrom)]
        if package in {name.split(".")[0] for name in names} and STUB not in file.parents:
            yield module_of(file)


def test_importing_any_package_of_ours_keeps_the_process_and_its_children_quiet(tmp_path):
    program = "import os, scanserve.contracts; print(*(os.environ[name] for name in {names!r}))"
    said, _ = run(program.format(names=list(QUIET)), tmp_path)
    assert said.split() == list(QUIET.values())


def test_an_environment_is_made_quiet_whatever_it_says():
    environment = {"ORT_DISABLE_TELEMETRY": "0", "PATH": "/bin"}
    switch_off_telemetry(environment)
    assert environment == {**QUIET, "PATH": "/bin"}


def test_a_sender_cannot_be_imported():
    with pytest.raises(ImportError):
        import openvino_telemetry  # noqa: F401


def test_onnxruntime_comes_after_the_contracts(tmp_path):
    """It begins with its import, so no module of ours may import it before it is told not to."""
    pytest.importorskip("onnxruntime")
    assert list(importers("onnxruntime")) == []
    _, left = run("import scanserve.contracts, onnxruntime", tmp_path)
    assert left == []


@pytest.mark.torch
def test_a_parity_run_leaves_no_identifier(tmp_path):
    pytest.importorskip("onnxruntime")
    program = """
import numpy as np, onnx
from scanserve.export.parity import run_onnx
from onnx import TensorProto, helper
value = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy"]
graph = helper.make_graph([helper.make_node("Abs", ["x"], ["y"])], "g", value[:1], value[1:])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
print(run_onnx(model.SerializeToString(), {"x": np.float32([-2])})["y"].item())
"""
    said, left = run(program, tmp_path)
    assert said.split() == ["2.0"]
    assert left == []
