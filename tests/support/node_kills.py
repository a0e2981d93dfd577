"""A node is killed at random moments while studies come in; afterwards none may be lost, and none doubled.

``python -m tests.support.node_kills 200 [SEED]`` prints the figure of docs/hospital.md.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from pydicom import dcmread

from scanserve.client import cli
from scanserve.node.queue.facade import Queue
from tests.support.node_peers import listens, need, send, storescp, wait_for
from tests.support.node_run import NodeProcess, node_file, peer
from tests.support.node_studies import write_study
from tests.support.ports import free_port

INSTANCES = 6
#: A kill comes so many seconds after the study is sent, at most: long enough for it to come in, become complete, be
#: analysed and be returned.
MOST_S = 2.5
#: Studies that are being sent at a time, at most.
MOST_SENDERS = 4
#: How long the analysis takes, seconds.
ANALYSIS_S = 0.3


@dataclass(frozen=True)
class Outcome:
    """What was found after all kills.

    Attributes:
        sent: studies that a sender was told are here, as a whole.
        lost: of those, without a result of the whole study at the peer.
        doubled: with several jobs, or with several different results at the peer.
        sent_again: results that the peer got twice, byte for byte, as the node was killed before it noted the answer.
        killed_while: states of the studies at the moments of the kills.
    """

    sent: int
    lost: int
    doubled: int
    sent_again: int
    killed_while: Counter


def kill_often(folder: Path, kills: int, seed: int = 0) -> Outcome:
    """Kill a node ``kills`` times, one study for each kill, and look what became of them."""
    drawn = random.Random(seed)
    port = free_port()
    changed = {"study__instances": INSTANCES, "analysis__interruptions": 10_000, "analysis__retry_s": 0.1}
    waits = {"analysis__arguments": ["--wait", str(ANALYSIS_S)], "study__quiet_s": 3600}
    running = ForkedNode(*node_file(folder / "n", peers=[peer(port)], **changed, **waits))
    killed_while: Counter = Counter()
    with storescp(folder / "pacs", port):
        senders: list[threading.Thread] = []
        for number in range(kills):
            senders.append(_kill_once(running, folder, number, drawn, killed_while))
            _let_come_in(running, senders)
        running.start()
        try:
            for sender in senders:
                sender.join(300)
                assert not sender.is_alive()
            wait_for(lambda: _is_done(running, kills), timeout_s=120 + 5 * kills, every_s=0.2)
        finally:
            running.end()
    return _outcome(folder, kills, killed_while)


class ForkedNode(NodeProcess):
    """A node as a process of its own, forked from one that has imported everything, so that it starts at once."""

    _context = multiprocessing.get_context("forkserver")
    _context.set_forkserver_preload(["scanserve.client.cli", "scanserve.node.command", "scanserve.node.node"])

    def start(self) -> None:
        self.forked = self._context.Process(target=_run, args=(str(self._file), str(self.log)))
        self.forked.start()
        wait_for(lambda: listens(self.port) or not self.forked.is_alive(), timeout_s=120)
        assert self.forked.is_alive(), self.log.read_text()

    def kill(self) -> None:
        self.forked.kill()
        self.forked.join()

    def end(self) -> int:
        self.forked.terminate()
        self.forked.join(60)
        return self.forked.exitcode


def _run(file: str, log: str) -> None:
    with open(log, "ab") as said:
        for number in (1, 2):
            os.dup2(said.fileno(), number)
    os._exit(cli.main(["node", "--config", file]))


def _kill_once(
    running: ForkedNode, folder: Path, number: int, drawn: random.Random, killed_while: Counter
) -> threading.Thread:
    running.start()
    files = write_study(folder / f"s{number}", INSTANCES, seed=str(number))
    sender = threading.Thread(target=_send_until_taken, args=(running.port, files), daemon=True)
    sender.start()
    time.sleep(drawn.uniform(0, MOST_S))
    running.kill()
    killed_while.update(_states(folder))
    return sender


def _let_come_in(running: ForkedNode, senders: list[threading.Thread]) -> None:
    """Where more than a few studies have not come in, as on a slow machine, give the node the time for it."""
    if sum(sender.is_alive() for sender in senders) > MOST_SENDERS:
        running.start()
        wait_for(lambda: not any(sender.is_alive() for sender in senders), timeout_s=300, every_s=0.1)
        running.kill()


def _send_until_taken(port: int, files: list[Path]) -> None:
    """As a modality does: everything again until everything was taken."""
    while send(port, files, check=False).returncode != 0:
        time.sleep(0.5)


def _states(folder: Path) -> Counter:
    queue = Queue(folder / "n" / "queue.sqlite")
    try:
        return Counter(row.state for row in queue.view.rows(most=10_000) if row.ended_s is None)
    finally:
        queue.close()


def _is_done(running: NodeProcess, studies: int) -> bool:
    return running.metrics().get('scanserve_node_jobs{application="ccta",state="done"}') == studies


def _outcome(folder: Path, kills: int, killed_while: Counter) -> Outcome:
    results = [dcmread(file) for file in (folder / "pacs").iterdir()]
    whole = {ds.StudyInstanceUID for ds in results if ds.ImageComments == f"{INSTANCES} instances"}
    distinct = {(ds.StudyInstanceUID, ds.SOPInstanceUID) for ds in results}
    by_study = Counter(study for study, _ in distinct)
    return Outcome(
        sent=kills,
        lost=kills - len(whole),
        doubled=sum(count > 1 for count in by_study.values()),
        sent_again=len(results) - len(distinct),
        killed_while=killed_while,
    )


if __name__ == "__main__":
    need("storescp")
    with tempfile.TemporaryDirectory() as place:
        given = [int(argument) for argument in sys.argv[1:]]
        sys.stdout.write(f"{kill_often(Path(place), *given)}\n")
