"""A worker: takes the next job, runs its application, and puts the result in its place.

Every step can be cut off and done again: the input is made anew, the output appears whole or not at all, and the row
that says that there is a result is written after the result is on the disk.  A result that is there and not yet noted
is noted, not computed again.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scanserve.contracts import ScanserveError
from scanserve.node.analysis import Analyses, Ended
from scanserve.node.clock import NodeClock
from scanserve.node.config import NodeConfig
from scanserve.node.digests import Digester
from scanserve.node.disk import is_full
from scanserve.node.durable import sync_folder, sync_tree
from scanserve.node.heads import read_head
from scanserve.node.layout import Layout
from scanserve.node.outputs import returned_files
from scanserve.node.queue import states
from scanserve.node.queue.facade import Queue
from scanserve.node.queue.jobs import Job
from scanserve.node.reasons import ANALYSIS_CRASHED, DISK_FULL, OS_ERROR
from scanserve.node.serving import Server, Serving

__all__ = ["Hands", "Later", "Worker"]

_LOG = logging.getLogger(__name__)
#: How often a worker without work looks for some, seconds.
LOOK_S = 1.0
#: The longest wait between two tries, seconds.
MOST_WAIT_S = 300.0
#: The command that analyses, without its application.
_SCANSERVE = (sys.executable, "-m", "scanserve.client.cli")


class Later:
    """Jobs, or whatever has a number, that are put off for some seconds; longer with every time in a row."""

    def __init__(self, first_s: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._first_s, self._monotonic = first_s, monotonic
        self._until: dict[int, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def put_off(self, number: int) -> None:
        """Put it off, for twice as long as the last time."""
        with self._lock:
            _, before = self._until.get(number, (0.0, 0.0))
            wait_s = min(before * 2 or self._first_s, MOST_WAIT_S)
            self._until[number] = (self._monotonic() + wait_s, wait_s)

    def forget(self, number: int) -> None:
        """It is not put off any more."""
        with self._lock:
            self._until.pop(number, None)

    def soonest_s(self, most_s: float) -> float:
        """Seconds until something is not put off any more, at most ``most_s``."""
        with self._lock:
            now = self._monotonic()
            return min((until - now for until, _ in self._until.values() if until > now), default=most_s)

    def numbers(self) -> list[int]:
        """What is put off now."""
        with self._lock:
            now = self._monotonic()
            return [number for number, (until, _) in self._until.items() if until > now]


class Hands:
    """The jobs that workers have in hand, until each has cleared up behind itself.

    A job that is cancelled and begun again at once is not taken by a second worker before the first has let it go.
    """

    def __init__(self) -> None:
        self._held: set[int] = set()
        self._lock = threading.Lock()

    @contextmanager
    def taking(self) -> Iterator[set[int]]:
        """What is in hand; nobody else takes anything during the block."""
        with self._lock:
            yield self._held

    def leave(self, job: int) -> None:
        """Let a job go."""
        with self._lock:
            self._held.discard(job)


@dataclass(frozen=True)
class Worker:
    """Runs one job at a time; several workers share everything."""

    config: NodeConfig
    layout: Layout
    queue: Queue
    digest: Digester
    clock: NodeClock
    analyses: Analyses
    serving: Serving
    later: Later
    hands: Hands
    finished: Callable[[], None]

    def step(self) -> float:
        """Take one job, if any waits; seconds until the next look."""
        with self.hands.taking() as held:
            job = self.queue.jobs.start_next(self.clock(), (*self.later.numbers(), *held))
            if job is None:
                return min(self.later.soonest_s(LOOK_S), LOOK_S)
            held.add(job.id)
        try:
            self._do(job)
        finally:
            self.hands.leave(job.id)
        return 0.0

    def _do(self, job: Job) -> None:
        _LOG.info("job %d: %s starts, try %d", job.id, job.application, job.tries)
        folder = self.layout.work / str(job.id)
        try:
            ended = self._analyse(job, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        self._note_surely(job, ended)

    def _analyse(self, job: Job, folder: Path) -> Ended:
        """Run a job and take its result; whatever goes wrong is a reason."""
        try:
            ended = self._run(job, folder)
            if not ended.code:
                self._take_result(job)
        except ScanserveError as error:
            return Ended(error.code, counts=False)
        except OSError as error:
            _LOG.error("job %d: %s", job.id, os.strerror(error.errno or 0))
            return Ended(DISK_FULL, counts=False) if is_full(error) else Ended(OS_ERROR)
        except Exception as error:  # an object that cannot be read, say: it is not to be sent
            _LOG.error("job %d: unexpected %s", job.id, type(error).__name__)
            shutil.rmtree(self.layout.result(job.id, job.generation), ignore_errors=True)
            return Ended(ANALYSIS_CRASHED)
        return ended

    def _run(self, job: Job, folder: Path) -> Ended:
        """Run the application unless its result is there; the result stands in its place afterwards."""
        result = self.layout.result(job.id, job.generation)
        if result.exists():
            return Ended()
        server = self.serving.server()
        shutil.rmtree(folder, ignore_errors=True)
        self._link_input(job, folder / "study")
        (folder / "tmp").mkdir()
        ended = self._run_with_corrections(job, folder, server)
        if not ended.code:
            sync_tree(folder / "out")
            (folder / "out").rename(result)
            sync_folder(result.parent)
        return ended

    def _run_with_corrections(self, job: Job, folder: Path, server: Server) -> Ended:
        """Run the application with what somebody corrected in an earlier result.

        Where it refuses, the study may hold another image than the one that was corrected: it is run without the
        corrections, and these are put aside once that gives a result.
        """
        corrections = self.layout.corrections(job.id)
        if not corrections.is_file():
            return self._run_command(job, folder, server)
        ended = self._run_command(job, folder, server, "--corrections", str(corrections))
        if not ended.final:
            return ended
        _LOG.warning("job %d: %s with its corrections; it is done without them", job.id, ended.code)
        ended = self._run_command(job, folder, server)
        if not ended.code:
            corrections.rename(self.layout.strays / f"{corrections.name}-{secrets.token_hex(4)}")
        return ended

    def _run_command(self, job: Job, folder: Path, server: Server, *more: str) -> Ended:
        program = self.config.analysis.program or _SCANSERVE
        own = (job.application, str(folder / "study"), "--out", str(folder / "out"), "--dicom", *more)
        command = [*program, *own, *server.arguments, *self.config.analysis.arguments]
        return self.analyses.run(job.id, command, folder / "tmp", server.environment)

    def _link_input(self, job: Job, folder: Path) -> None:
        """The instances to analyse as they are now, by links: what arrives later does not disturb the analysis."""
        folder.mkdir(parents=True, mode=0o700)
        row = self.queue.view.row(job.id)
        for series, instances in self.queue.studies.series_of(row.study if row else 0).items():
            if series in job.series:
                for instance in instances:
                    os.link(self.layout.instance(job.study, instance), folder / f"{instance}.dcm")

    def _note_surely(self, job: Job, ended: Ended) -> None:
        """Note it, however long the disk is full: nobody else would, and the job would seem to run."""
        while not self.analyses.interrupted:  # else the next start finds it as one that ran
            try:
                return self._note(job, ended)
            except OSError as error:
                _LOG.error("job %d: its end cannot be noted: %s", job.id, os.strerror(error.errno or 0))
                time.sleep(LOOK_S)

    def _note(self, job: Job, ended: Ended) -> None:
        """Write into the queue what became of the job."""
        if not ended.code:
            self.later.forget(job.id)
        elif ended.final:
            self.queue.jobs.end(job, states.REFUSED, ended.code, self.clock())
        elif ended.counts and job.tries >= self.config.analysis.tries:
            self.queue.jobs.end(job, states.FAILED, ended.code, self.clock())
        else:
            self.later.put_off(job.id)
            self.queue.jobs.put_back(job, ended.code, counts=ended.counts)
        _LOG.info("job %d: %s", job.id, ended.code or "has a result")
        self.finished()

    def _take_result(self, job: Job) -> None:
        result = self.layout.result(job.id, job.generation)
        files = returned_files(result)
        outputs = self._outputs(result / file for file in files)
        peers = [peer.name for peer in self.config.peers]
        taken = self.queue.jobs.finish(job, peers, files, outputs, self.clock())
        old = job.result if taken else job.generation
        if not taken or job.result not in (0, job.generation):
            shutil.rmtree(self.layout.result(job.id, old), ignore_errors=True)

    def _outputs(self, files: Iterable[Path]) -> list[str]:
        return [self.digest(read_head(file).instance) for file in files]
