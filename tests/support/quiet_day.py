"""A day of a hospital in seconds: ``python -m tests.support.quiet_day FOLDER``, with the studies in ``FOLDER/studies``.

Both commands of a user, and a node with its own server that receives a study, analyses it and returns the result.
What its own parts write is below ``FOLDER``; the last line that it prints is ``done``.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from tests.support.node_peers import send, storescp, wait_for
from tests.support.node_run import NodeProcess, node_process, peer
from tests.support.ports import free_port

__all__ = ["main"]

#: ONNX Runtime 1.31 looks its host up about ten seconds after its first session.
WATCHED_S = 14.0
_CLI = (sys.executable, "-m", "scanserve.client.cli")


def main(folder: Path) -> int:
    """Do it all."""
    studies = folder / "studies"
    _call("check", studies / "heart")
    _call("dat", studies / "brain", "--out", folder / "result", "--dicom")
    with storescp(folder / "pacs", (port := free_port())) as pacs:
        running = node_process(
            folder / "node",
            "--page",
            analysis__server="own",
            analysis__program=[],
            rules=[{"application": "dat", "modality": "NM"}],
            peers=[peer(port)],
        )
        _receive(running, studies / "brain" / "short.dcm", pacs)
    sys.stdout.write("done\n")
    return 0


def _receive(running: NodeProcess, image: Path, pacs: Path) -> None:
    running.start()
    try:
        send(running.port, [image])
        done = 'scanserve_node_jobs{application="dat",state="done"}'
        wait_for(lambda: running.metrics().get(done), timeout_s=240, every_s=0.5)
        time.sleep(WATCHED_S)
    finally:
        assert running.end() == 0, running.log.read_text()
    assert list(pacs.iterdir())


def _call(*arguments: object) -> None:
    subprocess.run([*_CLI, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
