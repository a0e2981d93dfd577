"""A real Orthanc on loopback with its DICOMweb plug-in, and a client of its STOW, QIDO and WADO."""

from __future__ import annotations

import io
import json
import re
import secrets
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset

from tests.support.ports import free_port

#: Debian puts the server where only root's path leads.
PROGRAM = shutil.which("Orthanc") or next((str(p) for p in [Path("/usr/sbin/Orthanc")] if p.exists()), None)
PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
#: Seconds in which it must answer.
_START_S = 60.0


def is_installed() -> bool:
    return PROGRAM is not None and PLUGIN.exists()


class Orthanc:
    """A running server."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}"

    def get(self, path: str, accept: str = "application/json") -> tuple[str, bytes]:
        """Content type and body."""
        request = urllib.request.Request(f"{self._base}{path}", headers={"Accept": accept})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.headers.get("Content-Type", ""), answer.read()

    def store(self, files: Sequence[Path]) -> dict:
        """Store files by STOW-RS; the server's answer."""
        boundary = secrets.token_hex(16)
        parts = [
            f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode() + file.read_bytes() + b"\r\n"
            for file in files
        ]
        request = urllib.request.Request(
            f"{self._base}/dicom-web/studies",
            data=b"".join(parts) + f"--{boundary}--\r\n".encode(),
            headers={
                "Content-Type": f'multipart/related; type="application/dicom"; boundary={boundary}',
                "Accept": "application/dicom+json",
            },
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.loads(answer.read())

    def query(self, path: str) -> list[dict]:
        """What QIDO-RS finds: one object of DICOM JSON each."""
        return json.loads(self.get(f"/dicom-web/{path}", "application/dicom+json")[1] or b"[]")

    def retrieve(self, path: str) -> list[Dataset]:
        """The instances that WADO-RS gives."""
        kind, body = self.get(f"/dicom-web/{path}", 'multipart/related; type="application/dicom"')
        boundary = re.search(r'boundary="?([^";]+)', kind)[1].encode()
        parts = body.split(b"--" + boundary)[1:-1]
        return [pydicom.dcmread(io.BytesIO(part.split(b"\r\n\r\n", 1)[1][:-2])) for part in parts]


@contextmanager
def running_orthanc(folder: Path) -> Iterator[Orthanc]:
    """An empty server whose files are all in ``folder``; it ends with the block."""
    port = free_port()
    settings = {
        "Name": "test",
        "StorageDirectory": str(folder / "storage"),
        "IndexDirectory": str(folder / "index"),
        "HttpPort": port,
        "DicomServerEnabled": False,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "Plugins": [str(PLUGIN)],
        "DicomWeb": {"Enable": True},
    }
    (folder / "orthanc.json").write_text(json.dumps(settings))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([PROGRAM, str(folder / "orthanc.json")], stdout=log, stderr=log)
        try:
            yield _ready(Orthanc(port), process, folder / "log")
        finally:
            process.terminate()
            process.wait(timeout=30)


def _ready(server: Orthanc, process: subprocess.Popen, log: Path) -> Orthanc:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            server.get("/system")
            return server
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise AssertionError(f"Orthanc did not start: {log.read_text()[-2000:]}")
