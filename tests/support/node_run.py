"""Nodes to test: within the test's own process, or as a process that can be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

from scanserve.node.config import NodeConfig
from scanserve.node.node import Node
from tests.support import fake_analysis
from tests.support.node_peers import NODE, PACS, listens, wait_for
from tests.support.ports import free_port

FAKE = (sys.executable, "-I", "-S", fake_analysis.__file__)


def settings(folder: Path, **changed) -> dict:
    """A configuration with short times and the analysis that takes none; ``a__b`` changes key ``b`` of table ``a``."""
    found: dict = {
        "folder": str(folder),
        "dicom": {"ae_title": NODE, "port": free_port(), "any_caller": True},
        "study": {"quiet_s": 0.3},
        "disk": {"quota_gib": 1.0, "reserve_gib": 0.0},
        "analysis": {"server": "each", "program": list(FAKE), "retry_s": 0.05, "drain_s": 5.0},
        "rules": [{"application": "ccta", "modality": "CT"}],
        "metrics": {"port": free_port()},
        "page": {"port": free_port()},
    }
    for key, value in changed.items():
        table, _, name = key.partition("__")
        if name:
            found.setdefault(table, {})[name] = value
        else:
            found[table] = value
    return found


def node(folder: Path, **changed) -> Node:
    """A node, not yet started."""
    return Node(NodeConfig.model_validate(settings(folder, **changed)))


def peer(port: int, **changed) -> dict:
    """A peer that takes results by C-STORE."""
    return {"kind": "dicom", "name": "pacs", "ae_title": PACS, "host": "127.0.0.1", "port": port, **changed}


def states(running: Node) -> list[str]:
    """The state of every job."""
    return [row.state for row in running.queue.view.rows()]


def wait_states(running: Node, *wanted: str, timeout_s: float = 60.0) -> None:
    """Wait until the jobs are in these states."""
    wait_for(lambda: sorted(states(running)) == sorted(wanted), timeout_s)


class NodeProcess:
    """A node as an administrator runs it."""

    def __init__(self, file: Path, port: int, metrics_port: int, *options: str) -> None:
        self._file, self.port, self.metrics_port, self._options = file, port, metrics_port, options
        self.log = file.with_suffix(".log")
        self.process: subprocess.Popen | None = None

    def start(self, *, wait: bool = True) -> None:
        """Start it."""
        command = [
            sys.executable,
            "-m",
            "scanserve.client.cli",
            "node",
            "--config",
            str(self._file),
            *self._options,
        ]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, env={**os.environ, "NO_COLOR": "1"}
            )
        if wait:
            wait_for(lambda: listens(self.port) or self.process.poll() is not None, timeout_s=60)
            assert self.process.poll() is None, self.log.read_text()

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()
        self.process.wait()

    def end(self) -> int:
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def metrics(self) -> dict[str, float]:
        """The metrics by name and labels."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        return {name: float(value) for name, value in pairs}


def node_process(folder: Path, *options: str, **changed) -> NodeProcess:
    """A node as a process, not yet started; its configuration is written beside its folder."""
    return NodeProcess(*node_file(folder, **changed), *options)


def node_file(folder: Path, **changed) -> tuple[Path, int, int]:
    """Write a configuration beside a node's folder; the file, and the ports of DICOM and metrics."""
    given = settings(folder, **changed)
    folder.parent.mkdir(parents=True, exist_ok=True)
    file = folder.parent / f"{folder.name}.toml"
    file.write_text("\n".join(_toml(given)) + "\n")
    return file, given["dicom"]["port"], given["metrics"]["port"]


def _toml(table: dict, name: str = ""):
    """The lines of a TOML file; strings, numbers, lists of them, tables, and lists of tables."""
    nested = {key: value for key, value in table.items() if _is_table(value)}
    yield from (f"{key} = {_value(value)}" for key, value in table.items() if key not in nested)
    for key, value in nested.items():
        place = f"{name}.{key}" if name else key
        for item in value if isinstance(value, list) else [value]:
            yield f"[[{place}]]" if isinstance(value, list) else f"[{place}]"
            yield from _toml(item, place)


def _is_table(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return str(value) if isinstance(value, int | float) else '"' + str(value).replace("\\", "\\\\") + '"'
