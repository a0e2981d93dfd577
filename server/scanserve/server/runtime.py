"""The tritonserver that the wheel ``nvidia-pytriton`` carries, and what a process of it needs around it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scanserve.contracts import SetupError
from scanserve.contracts.telemetry import QUIET
from scanserve.server.allocator import REUSED_BLOCKS, with_tunables

__all__ = ["Runtime", "build_backend_directory", "find_runtime", "server_environment"]

INSTALL_HINT = "pip install 'scanserve[server]'"
#: Python packages that our python-based backends import inside the stubs.
ENGINES = ("onnxruntime", "openvino")
OUR_BACKENDS = Path(__file__).with_name("backends")
_PROXY_VARIABLES = ("http_proxy", "https_proxy", "grpc_proxy", "all_proxy")
#: Variables that must not reach the server: other Pythons, preloaded libraries, and proxies
#: (everything here is on loopback, and nothing may phone home).
DROPPED_VARIABLES = (
    "LD_PRELOAD",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "PYTHONWARNINGS",
    *_PROXY_VARIABLES,
    *(name.upper() for name in _PROXY_VARIABLES),
)


@dataclass(frozen=True)
class Runtime:
    """The pieces of an installed tritonserver: its program, python backend, stub and libraries."""

    program: Path
    python_backend: Path
    stub: Path
    libraries: Path


def find_runtime() -> Runtime:
    """Locate the installed tritonserver without importing the wheel.

    Raises:
        SetupError: code ``extra-missing`` when the wheel, its python stub for this Python version,
            or an inference engine is not installed.
    """
    for package in ("pytriton", *ENGINES):
        if importlib.util.find_spec(package) is None:
            raise _missing(f"the package {package!r} is not installed")
    root = _package_folder("pytriton")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    server = root / "tritonserver"
    runtime = Runtime(
        program=server / "bin" / "tritonserver",
        python_backend=server / "backends" / "python",
        stub=server / "python_backend_stubs" / version / "triton_python_backend_stub",
        libraries=root.parent / "nvidia_pytriton.libs",
    )
    for path in (runtime.program, runtime.python_backend, runtime.stub, runtime.libraries):
        if not path.exists():
            raise _missing(f"its part {path.name!r} for Python {version} is not there")
    return runtime


def build_backend_directory(runtime: Runtime, target: Path) -> Path:
    """Fill ``target`` with the python backend, its stub, and our python-based backends; return it."""
    python = target / "python"
    shutil.copytree(runtime.python_backend, python, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(runtime.stub, python / runtime.stub.name)
    for engine in ENGINES:
        (target / engine).mkdir()
        shutil.copyfile(OUR_BACKENDS / engine / "model.py", target / engine / "model.py")
        shutil.copyfile(OUR_BACKENDS / "batching.py", target / engine / "scanserve_batching.py")
    return target


def server_environment(
    runtime: Runtime,
    *,
    cache: Path | None = None,
    temporary: Path | None = None,
    base: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The environment of a server process.

    The stub takes its packages from the virtual environment whose ``bin`` comes first on ``PATH``.

    Args:
        runtime: the installed tritonserver.
        cache: where OpenVINO keeps compiled models; none without.
        temporary: the folder for temporary files; the one of ``base`` without.
        base: the environment to start from; this process's without.
    """
    environment = {
        name: value
        for name, value in (os.environ if base is None else base).items()
        if name not in DROPPED_VARIABLES
    }
    environment["PATH"] = os.pathsep.join([str(Path(sys.prefix, "bin")), environment.get("PATH", os.defpath)])
    environment["LD_LIBRARY_PATH"] = os.pathsep.join(map(str, [runtime.libraries, *_python_library()]))
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    environment.update(QUIET)
    if temporary is not None:
        environment["TMPDIR"] = str(temporary)
    if cache is not None:
        environment["SCANSERVE_OPENVINO_CACHE"] = str(cache)
    return with_tunables(environment, REUSED_BLOCKS)


def _python_library() -> list[Path]:
    """Where this interpreter's libpython lies, which the stub needs and the system's loader may not know."""
    name = sysconfig.get_config_var("INSTSONAME")
    places = (
        sysconfig.get_config_var("LIBDIR"),
        Path(sys.base_prefix, "lib"),
    )  # a moved Python knows only the latter
    return [Path(place) for place in places if place and name and Path(place, name).is_file()][:1]


def _package_folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise _missing(f"the package {package!r} is not installed")
    return Path(next(iter(spec.submodule_search_locations)))


def _missing(what: str) -> SetupError:
    return SetupError("extra-missing", f"the embedded server is not installed: {what}; {INSTALL_HINT}.")
