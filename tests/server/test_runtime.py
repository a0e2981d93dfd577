from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest

from scanserve.contracts import SetupError
from scanserve.server import runtime


@pytest.fixture
def installed(tmp_path):
    def file(*parts):
        path = tmp_path.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(parts[-1])
        return path

    backend = file("backends", "python", "libtriton_python.so").parent
    libraries = tmp_path / "libs"
    libraries.mkdir()
    return runtime.Runtime(file("bin", "tritonserver"), backend, file("stubs", "stub"), libraries)


def test_the_backend_directory_holds_python_and_our_engines(installed, tmp_path):
    target = tmp_path / "made"
    target.mkdir()
    runtime.build_backend_directory(installed, target)
    found = {str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()}
    assert found == {
        "python/libtriton_python.so",
        "python/stub",
        "onnxruntime/model.py",
        "onnxruntime/scanserve_batching.py",
        "openvino/model.py",
        "openvino/scanserve_batching.py",
    }


def test_the_environment_begins_with_this_python_and_has_no_proxy(installed):
    base = {"PATH": "/usr/bin", "https_proxy": "x", "PYTHONPATH": "y", "LD_PRELOAD": "z", "HOME": "/h"}
    environment = runtime.server_environment(installed, cache=Path("/cache"), base=base)
    assert environment["PATH"].split(os.pathsep) == [str(Path(sys.prefix, "bin")), "/usr/bin"]
    assert environment["LD_LIBRARY_PATH"].split(os.pathsep)[0] == str(installed.libraries)
    assert environment["HOME"] == "/h"
    assert environment["ORT_DISABLE_TELEMETRY"] == "1"
    assert "TMPDIR" not in environment
    assert runtime.server_environment(installed, temporary=Path("/own"), base=base)["TMPDIR"] == "/own"
    assert not {"https_proxy", "PYTHONPATH", "LD_PRELOAD"} & set(environment)


@pytest.mark.parametrize("absent", ["pytriton", "onnxruntime", "openvino"])
def test_a_missing_package_names_the_extra(monkeypatch, absent):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == absent else find("json"))
    with pytest.raises(SetupError, match=r"pip install 'scanserve\[server\]'") as caught:
        runtime.find_runtime()
    assert caught.value.code == "extra-missing"
    assert absent in caught.value.message


def test_the_stub_finds_the_libpython_of_this_interpreter(installed, tmp_path, monkeypatch):
    (tmp_path / "libpython3.so.1.0").touch()
    config = {"LIBDIR": str(tmp_path), "INSTSONAME": "libpython3.so.1.0"}
    monkeypatch.setattr(runtime.sysconfig, "get_config_var", config.get)
    assert runtime.server_environment(installed, base={})["LD_LIBRARY_PATH"].endswith(str(tmp_path))
    config["LIBDIR"] = "/install/lib"
    monkeypatch.setattr(runtime.sys, "base_prefix", str(tmp_path.parent))
    (tmp_path.parent / "lib").mkdir(exist_ok=True)
    (tmp_path.parent / "lib" / "libpython3.so.1.0").touch()
    assert runtime.server_environment(installed, base={})["LD_LIBRARY_PATH"].endswith("/lib")
    config["INSTSONAME"] = "libpython3.a"  # built into the program: nothing to find
    assert runtime.server_environment(installed, base={})["LD_LIBRARY_PATH"] == str(installed.libraries)
