"""A real ``scanserve node`` between a sender and a receiver of DCMTK, watched through its metrics.

The metrics are looked at twenty times a second; the node's clock knows waiting and analysis exactly, so that only the
ends of a study's way are as coarse as that.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from scanserve.contracts import ResultError, SetupError
from scanserve.perf.memory import tree

__all__ = ["NodeRun", "Settings", "copy_study", "running_node"]

_NODE, _SENDER, _ARCHIVE = "NODE", "SENDER", "ARCHIVE"
_LOOK_S = 0.05
_START_S, _END_S = 60.0, 120.0
#: A study of a benchmark is analysed within this time, also on a busy machine.
_STUDY_S = 600.0
_CONFIG = """\
folder = "{folder}"
[dicom]
ae_title = "{node}"
port = {port}
callers = [{{ ae_title = "{sender}" }}]
[study]
quiet_s = {quiet_s}
[disk]
quota_gib = 20
reserve_gib = 0
[analysis]
server = "{server}"
workers = {workers}
tries = 1
drain_s = 10
[[rules]]
application = "{application}"
[[peers]]
kind = "dicom"
name = "archive"
ae_title = "{archive}"
host = "127.0.0.1"
port = {archive_port}
[metrics]
port = {metrics_port}
"""


@dataclass(frozen=True)
class Settings:
    """What differs between the nodes that are measured; see ``docs/hospital.md`` for the keys."""

    application: str
    server: str = "own"
    workers: int = 1
    quiet_s: float = 1.0


class NodeRun:
    """A node that runs, as a benchmark sees it: files go in, metrics say what became of them."""

    def __init__(
        self, folder: Path, settings: Settings, process: subprocess.Popen, ports: tuple[int, int]
    ) -> None:
        self.folder, self.settings = folder, settings
        self._process, self._root = process, psutil.Process(process.pid)
        self._port, self._metrics_port = ports

    def send(self, folders: Sequence[Path]) -> None:
        """Send the files of every folder by a ``storescu`` of its own, all at once; back when all were answered.

        Raises:
            ResultError: code ``bench-failed`` where one is not taken.
        """
        to = ("-aet", _SENDER, "-aec", _NODE, "+sd", "127.0.0.1", str(self._port))
        senders = [
            subprocess.Popen(
                [_tool("storescu"), *to, str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            )
            for folder in folders
        ]
        said = [sender.communicate()[1] for sender in senders]
        for sender, words in zip(senders, said, strict=True):
            if sender.returncode:
                raise ResultError(
                    "bench-failed", f"storescu: {words.decode(errors='replace').strip()[-200:]}"
                )

    def total(self, name: str, label: str, value: str) -> float:
        """A count of the node, 0 before it first grows."""
        return self._metrics().get(f'scanserve_node_{name}_total{{{label}="{value}"}}', 0.0)

    def jobs(self, state: str) -> int:
        """Studies in a state."""
        ending = f'state="{state}"}}'
        return int(
            sum(
                number
                for name, number in self._metrics().items()
                if name.endswith(ending) and "_jobs{" in name
            )
        )

    def wait(self, met: Callable[[], bool]) -> float:
        """The moment (``time.perf_counter``) at which ``met`` was found true.

        Raises:
            ResultError: code ``bench-failed`` if a study is refused or fails, the node ends, or nothing happens.
        """
        deadline = time.perf_counter() + _STUDY_S
        while not met():
            if self._process.poll() is not None or self.jobs("failed") or self.jobs("refused"):
                raise ResultError("bench-failed", f"the node did not finish: {_last_line(self.folder)}")
            if time.perf_counter() > deadline:
                raise ResultError("bench-failed", f"the node took longer than {_STUDY_S:.0f} s.")
            time.sleep(_LOOK_S)
        return time.perf_counter()

    def results(self) -> list[Path]:
        """Folders of the results, by the time they were made."""
        return sorted((self.folder / "node" / "results").iterdir(), key=lambda place: place.stat().st_mtime)

    def processor_s(self) -> float:
        """Processor time so far of the node, its server and its analyses, those that have ended as well."""
        return sum(sum(_times(process)) for process in tree(self._root))

    def _metrics(self) -> dict[str, float]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self._metrics_port}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        return {name: float(value) for name, value in pairs}


@contextmanager
def running_node(folder: Path, settings: Settings) -> Iterator[NodeRun]:
    """A node in ``folder`` that returns its results to a ``storescp``; both end with the block.

    Raises:
        SetupError: code ``extra-missing`` without DCMTK's tools.
        ResultError: code ``bench-failed`` where the node does not start.
    """
    port, metrics_port, archive_port = _free_ports(3)
    archive = folder / "archive"
    archive.mkdir(parents=True)
    config = _CONFIG.format(
        folder=folder / "node",
        node=_NODE,
        sender=_SENDER,
        archive=_ARCHIVE,
        port=port,
        metrics_port=metrics_port,
        archive_port=archive_port,
        **vars(settings),
    )
    (folder / "node.toml").write_text(config, encoding="utf-8")
    code = "import sys; from scanserve.client.cli import main; sys.exit(main())"
    node = [sys.executable, "-c", code, "node", "--config", str(folder / "node.toml")]
    receive = [_tool("storescp"), "-aet", _ARCHIVE, "-uf", "-od", str(archive), str(archive_port)]
    with _process(receive, folder / "archive.log"), _process(node, folder / "node.log") as process:
        _await_port(process, metrics_port, folder)
        _await_port(process, port, folder)
        yield NodeRun(folder, settings, process, (port, metrics_port))


def copy_study(study: Path, folder: Path, number: int) -> Path:
    """Another patient's study with the same images: the files of ``study`` with UIDs that end in ``number``."""
    from pydicom import dcmread

    folder.mkdir(parents=True)
    for index, file in enumerate(sorted(path for path in study.rglob("*") if _is_dicom(path))):
        dataset = dcmread(file)
        for name in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID"):
            setattr(dataset, name, f"{dataset[name].value[:56]}.{number}")
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        dataset.PatientID = f"BENCH{number}"
        dataset.save_as(folder / f"{index:05d}.dcm")
    return folder


def _is_dicom(path: Path) -> bool:
    return path.is_file() and path.suffix != ".json"


@contextmanager
def _process(command: Sequence[str], log: Path) -> Iterator[subprocess.Popen]:
    with log.open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, env={**os.environ, "NO_COLOR": "1"})
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_port(process: subprocess.Popen, port: int, folder: Path) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(_LOOK_S)
    raise ResultError("bench-failed", f"the node did not start: {_last_line(folder)}")


def _last_line(folder: Path) -> str:
    lines = (folder / "node.log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in sockets]
    for listener in sockets:
        listener.close()
    return ports


def _tool(name: str) -> str:
    """A tool of DCMTK; pynetdicom brings tools of the same names into the environment, which are not meant."""
    own = Path(sys.executable).parent
    places = [place for place in os.environ.get("PATH", os.defpath).split(os.pathsep) if Path(place) != own]
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        raise SetupError("extra-missing", f"{name} is not installed; Debian has it in the package dcmtk.")
    return found


def _times(process: psutil.Process) -> tuple[float, ...]:
    """Own processor time, and that of children that were waited for."""
    try:
        return tuple(process.cpu_times()[:4])
    except psutil.Error:
        return ()
