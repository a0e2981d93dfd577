"""The real peers that a node is tested with: DCMTK's tools and Orthanc, as Debian has them."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.ports import free_port

NODE, PACS = "NODE", "PACS"
_ORTHANC_PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")


def need(tool: str) -> str:
    """The path of a tool; the test is skipped where it is not installed.

    pynetdicom brings tools of the same names into the environment; these are not meant.
    """
    own = Path(sys.executable).parent
    places = [place for place in os.environ.get("PATH", os.defpath).split(os.pathsep) if Path(place) != own]
    found = shutil.which(tool, path=os.pathsep.join(places))
    if found is None:
        pytest.skip(f"{tool} is not installed")
    return found


def called(*command: object, timeout_s: float = 60, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a tool to its end."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=timeout_s)
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


def echo(port: int, *options: object, check: bool = True) -> subprocess.CompletedProcess[str]:
    """C-ECHO by DCMTK."""
    return called(need("echoscu"), "-aet", "CT1", "-aec", NODE, *options, "127.0.0.1", port, check=check)


def send(
    port: int,
    files: Sequence[Path],
    *options: object,
    title: str = "CT1",
    called_title: str = NODE,
    check: bool = True,
) -> subprocess.CompletedProcess[str]:
    """C-STORE by DCMTK."""
    command = (
        need("storescu"),
        "-v",
        "-aet",
        title,
        "-aec",
        called_title,
        *options,
        "127.0.0.1",
        port,
        *files,
    )
    return called(*command, check=check)


def wait_for(condition, timeout_s: float = 60.0, every_s: float = 0.02):
    """What ``condition`` gives once that is true; fails if it takes too long."""
    deadline = time.monotonic() + timeout_s
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"waited {timeout_s} s in vain"
        time.sleep(every_s)


def listens(port: int) -> bool:
    """Whether somebody listens at a port of loopback."""
    with socket.socket() as caller:
        caller.settimeout(1.0)
        return caller.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def process(*command: object, **options) -> Iterator[subprocess.Popen]:
    """A process for the time of a block."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **options}
    running = subprocess.Popen(list(map(str, command)), **quiet)
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(10)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


@contextmanager
def storescp(folder: Path, port: int, *options: object) -> Iterator[Path]:
    """DCMTK's receiver, which writes into ``folder``."""
    folder.mkdir(exist_ok=True)
    with process(need("storescp"), "-aet", PACS, "-uf", *options, "-od", folder, port):
        wait_for(lambda: listens(port))
        yield folder


@dataclass(frozen=True)
class Orthanc:
    """An Orthanc that runs: its ports, and questions to it."""

    dicom_port: int
    http_port: int

    @property
    def web(self) -> str:
        """The root of its DICOMweb."""
        return f"http://127.0.0.1:{self.http_port}/dicom-web"

    def get(self, path: str):
        """The answer of its own interface."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http_port}{path}", timeout=10) as answer:
            return json.load(answer)

    def delete(self, path: str) -> None:
        """Delete something that it holds."""
        place = f"http://127.0.0.1:{self.http_port}{path}"
        urllib.request.urlopen(urllib.request.Request(place, method="DELETE"), timeout=10).close()

    def instances(self) -> list[str]:
        """The SOP Instance UIDs that it holds."""
        return [item["MainDicomTags"]["SOPInstanceUID"] for item in self.get("/instances?expand")]

    def ready(self) -> bool:
        try:
            return bool(self.get("/system"))
        except (urllib.error.URLError, OSError):
            return False


@contextmanager
def orthanc(folder: Path, node_port: int = 104) -> Iterator[Orthanc]:
    """An empty Orthanc with DICOMweb that knows the node at ``node_port``."""
    program = need("Orthanc")
    if not _ORTHANC_PLUGIN.exists():
        pytest.skip("orthanc-dicomweb is not installed")
    found = Orthanc(free_port(), free_port())
    settings = {
        "Name": "test",
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "index"),
        "Plugins": [str(_ORTHANC_PLUGIN)],
        "DicomAet": PACS,
        "DicomPort": found.dicom_port,
        "HttpPort": found.http_port,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "DicomAlwaysAllowStore": True,
        "DicomModalities": {"node": [NODE, "127.0.0.1", node_port]},
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/", "EnableWado": False},
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "orthanc.json").write_text(json.dumps(settings))
    with process(program, folder / "orthanc.json", env={**os.environ, "TMPDIR": str(folder)}):
        wait_for(found.ready, timeout_s=30)
        yield found
