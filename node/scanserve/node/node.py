"""A node: all its parts on one folder, from the lock to the last thread."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Sequence
from contextlib import ExitStack

from scanserve.node.analysis import Analyses
from scanserve.node.arrivals import Arrivals
from scanserve.node.clock import NodeClock
from scanserve.node.commitment import Commitment
from scanserve.node.complete import Completion
from scanserve.node.config import NodeConfig, Peer, Pull
from scanserve.node.deliver import Courier
from scanserve.node.digests import Digester
from scanserve.node.disk import Room
from scanserve.node.intake import Intake
from scanserve.node.layout import Layout
from scanserve.node.lock import hold_lock
from scanserve.node.loop import Loop
from scanserve.node.metrics import MetricsServer, render_metrics
from scanserve.node.pull import Puller
from scanserve.node.queue import states
from scanserve.node.queue.facade import Queue
from scanserve.node.receive import Receiver
from scanserve.node.reconcile import reconcile
from scanserve.node.retention import Retention
from scanserve.node.serving import Serving
from scanserve.node.work import Hands, Later, Worker

__all__ = ["Node"]

_LOG = logging.getLogger(__name__)
#: How often the node's clock is kept, seconds.
KEEP_S = 5.0
#: How long a thread may take to end, seconds, beyond what the configuration gives to an analysis.
JOIN_S = 15.0


class Node:
    """Receives, analyses and returns while its context is open.

    Args:
        config: everything about it.
        pulls: further queries to fetch, once each.

    Raises:
        InputError: codes ``queue-in-use``, ``queue-invalid``, ``port-in-use`` or ``tls-file``.
    """

    def __init__(self, config: NodeConfig, pulls: Sequence[Pull] = ()) -> None:
        self.config = config
        self.layout = Layout(config.folder)
        self._pulls = (*config.pulls, *pulls)
        self._stack = ExitStack()
        self._loops: list[Loop] = []
        self._workers: list[Loop] = []

    def __enter__(self) -> Node:
        """Start every part; what has started is ended if one does not."""
        with self._stack:
            self._open()
            self._make()
            self._start()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        """Drain: no sender is let in, what runs may end for a while, and the rest waits for the next start."""
        _LOG.info("the node drains")
        drain_s = self.config.analysis.drain_s
        deadline = time.monotonic() + drain_s
        for loop in self._workers:
            loop.stop()
        self._receiver.stop(drain_s)
        for loop in self._loops:
            loop.stop()
        for worker in self._workers:
            worker.join(max(deadline - time.monotonic(), 0.0))
        self.analyses.interrupt()
        for loop in (*self._workers, *self._loops):
            loop.join(JOIN_S)
        self._stack.close()

    @property
    def dicom_port(self) -> int:
        """The port of the DICOM side."""
        return self._receiver.port

    @property
    def metrics_port(self) -> int:
        """The port of the metrics."""
        return self._metrics.port

    def idle(self) -> bool:
        """Whether every pull is done and nothing is under way."""
        under_way = any(state in states.ACTIVE for _, state in self.queue.view.counts())
        return all(puller.done for puller in self._pullers) and not under_way

    def cancel(self, job: int) -> bool:
        """Cancel a job that has not ended; whether there was one."""
        cancelled = self.queue.jobs.cancel(job, self.clock())
        if cancelled:
            self.analyses.end(job)
        return cancelled

    def retry(self, job: int) -> bool:
        """Let a job that has ended begin again; whether that can be done.

        A result that was to be sent is sent again; another is made anew.
        """
        row = self.queue.view.row(job)
        if row is None or row.state not in states.ENDED:
            return False
        if row.instances and not self.queue.view.sent(job):
            shutil.rmtree(self.layout.result(job, row.generation), ignore_errors=True)
        begun = self.queue.jobs.retry(job, self.clock())
        if begun:
            self._later.forget(job)
            self._wake()
        return begun

    def _open(self) -> None:
        self.layout.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._stack.enter_context(hold_lock(self.layout.lock))
        self.layout.prepare()
        self.queue = Queue(self.layout.queue)
        self._stack.callback(self.queue.close)
        self.clock = NodeClock(self.queue.kept.moment())
        self.digest = Digester.of_file(self.layout.key)
        self.queue.jobs.recover(self.config.analysis.interruptions, self.clock())
        reconcile(self.layout, self.queue, self.digest, self.clock())

    def _make(self) -> None:
        config, layout, queue, clock = self.config, self.layout, self.queue, self.clock
        self.room = Room(layout.folder, config.disk, queue.studies.bytes_held())
        arrivals = Arrivals()
        self._intake = Intake(layout, queue, self.digest, clock, self.room, arrivals)
        answers = Commitment(layout, queue, clock).answered
        self._receiver = Receiver(config.dicom, self._intake, answers)
        self._metrics = MetricsServer(config.metrics.port, lambda: render_metrics(queue, self.room, clock))
        self._stack.callback(self._metrics.stop)
        self.analyses = Analyses(_environment(layout), config.analysis.limit_s)
        self._later = Later(config.analysis.retry_s)
        self._hands = Hands()
        self.serving = Serving(config.analysis, [rule.application for rule in config.rules])
        self._stack.callback(self.serving.stop)
        self._workers = [self._worker(number) for number in range(config.analysis.workers)]
        completion = Completion(config, layout, queue, arrivals, clock, self._wake)
        retention = Retention(config.retention, layout, queue, clock, self.room, self._intake)
        self._pullers = [Puller(pull, self._intake) for pull in self._pulls]
        self._loops = [
            Loop("clock", self._keep_clock),
            Loop("completion", completion.step),
            Loop("retention", retention.step),
            *(Loop(f"peer {peer.name}", self._courier(peer).step) for peer in config.peers),
            *(Loop("pull", puller.step) for puller in self._pullers),
        ]

    def _worker(self, number: int) -> Loop:
        worker = Worker(
            self.config,
            self.layout,
            self.queue,
            self.digest,
            self.clock,
            self.analyses,
            self.serving,
            self._later,
            self._hands,
            self._wake,
        )
        return Loop(f"worker {number}", worker.step)

    def _courier(self, peer: Peer) -> Courier:
        return Courier(peer, self.config.dicom.ae_title, self.layout, self.queue, self.clock)

    def _start(self) -> None:
        self._metrics.start()
        self._receiver.start()
        for loop in (*self._loops, *self._workers):
            loop.start()
        _LOG.info("listening at port %d, metrics at port %d", self.dicom_port, self.metrics_port)

    def _wake(self) -> None:
        for loop in (*self._workers, *self._loops):
            loop.wake()

    def _keep_clock(self) -> float:
        self.queue.kept.keep(self.clock.moment())
        return KEEP_S


def _environment(layout: Layout) -> dict[str, str]:
    """Where the analyses keep their caches and logs: below the node's folder, and nowhere else."""
    cache = str(layout.cache)
    return {"XDG_CACHE_HOME": cache, "XDG_STATE_HOME": cache, "MPLCONFIGDIR": f"{cache}/matplotlib"}
