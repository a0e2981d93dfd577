"""Search for perf_analyzer and the two libraries that it needs.

The wheel ``tritonclient`` 2.51.0 contains the last binary that runs on glibc 2.36.  It needs ``libb64.so.0d``
(Debian's package ``libb64-0d``) and ``libcudart.so.12``.  The wheel of the embedded server contains the latter under a
mangled name, so it is linked under its proper name in a private folder on ``LD_LIBRARY_PATH``.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from scanserve.contracts import SetupError

__all__ = ["PROGRAM_VARIABLE", "Program", "find_program"]

#: Environment variable with the path of another perf_analyzer.
PROGRAM_VARIABLE = "SCANSERVE_PERF_ANALYZER"
_CUDART = "libcudart.so.12"
_MISSING_LIBRARY = re.compile(r"loading shared libraries: ([^:\s]+):")
_HINTS = {
    "libb64.so.0d": ("libb64-missing", "install it with `apt-get install libb64-0d`"),
    _CUDART: ("libcudart-missing", "install the extra with `pip install 'scanserve[server]'`"),
}


@dataclass(frozen=True)
class Program:
    """A working perf_analyzer: its path, version line and library folder."""

    path: Path
    version: str
    libraries: Path

    def environment(self) -> dict[str, str]:
        """The environment in which to run it."""
        return _environment(self.libraries)


def find_program(libraries: Path) -> Program:
    """Find perf_analyzer, link its libraries into the folder ``libraries`` and check that it starts.

    Raises:
        SetupError: codes ``perf-analyzer-missing``, ``libb64-missing``, ``libcudart-missing``,
            ``perf-analyzer-broken``.
    """
    path = _find_path()
    _link_cudart(libraries)
    result = subprocess.run(
        [path, "--version"], env=_environment(libraries), capture_output=True, text=True, check=False
    )
    output = (result.stdout + result.stderr).strip()
    if not output.startswith("Perf Analyzer"):  # the exit status is not 0 even on success
        raise _broken(path, output)
    return Program(path, output, libraries)


def _find_path() -> Path:
    chosen = os.environ.get(PROGRAM_VARIABLE)
    beside = Path(sys.executable).parent / "perf_analyzer"
    found = chosen or (str(beside) if beside.is_file() else shutil.which("perf_analyzer"))
    if not found or not Path(found).is_file():
        raise SetupError(
            "perf-analyzer-missing",
            "there is no perf_analyzer; it comes with `pip install 'tritonclient==2.51.0'`, "
            f"or set {PROGRAM_VARIABLE} to one.",
        )
    return Path(found)


def _link_cudart(libraries: Path) -> None:
    """Link the CUDA runtime of the server's wheel, if present, under the name that perf_analyzer needs."""
    libraries.mkdir(parents=True, exist_ok=True)
    link = libraries / _CUDART
    spec = importlib.util.find_spec("pytriton")
    if link.exists() or spec is None or not spec.origin:
        return
    carried = sorted((Path(spec.origin).parents[1] / "nvidia_pytriton.libs").glob("libcudart-*.so.12*"))
    if carried:
        link.symlink_to(carried[0])


def _environment(libraries: Path) -> dict[str, str]:
    folders = [str(libraries.resolve()), os.environ.get("LD_LIBRARY_PATH", "")]
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(filter(None, folders))}


def _broken(path: Path, output: str) -> SetupError:
    missing = _MISSING_LIBRARY.search(output)
    if missing is None:
        return SetupError("perf-analyzer-broken", f"{path.name} does not start: {output or 'no output'}")
    code, hint = _HINTS.get(missing[1], ("perf-analyzer-broken", "install the package that holds it"))
    return SetupError(code, f"{path.name} needs the library {missing[1]}; {hint}.")
