"""Sending results to one peer, for as long as it takes, and asking it to keep them."""

from __future__ import annotations

import logging
import uuid
from pathlib import Path

from scanserve.node import config
from scanserve.node.clock import NodeClock
from scanserve.node.layout import Layout
from scanserve.node.peers.dicom import DicomSender
from scanserve.node.peers.peer import PeerAbsentError, PeerRefusedError, Sender
from scanserve.node.peers.web import WebSender
from scanserve.node.queue.deliveries import Delivery, Question
from scanserve.node.queue.facade import Queue
from scanserve.node.work import Later

__all__ = ["TRIES", "Courier", "sender_of"]

_LOG = logging.getLogger(__name__)
#: Answers "no" to one object until it has failed.
TRIES = 5
#: Seconds before a peer that is absent is tried again: the first time, and at most; doubled in between.
FIRST_S, MOST_S = 2.0, 300.0
#: How often a courier without work looks for some, seconds.
LOOK_S = 1.0


def sender_of(peer: config.Peer, own_title: str) -> Sender:
    """The sender for a peer; raises as :mod:`scanserve.node.tls`."""
    return DicomSender(own_title, peer) if isinstance(peer, config.DicomPeer) else WebSender(peer)


class Courier:
    """Takes results to one peer, in the order of the queue.

    A peer that is absent holds up nothing but itself.  An object that a peer refuses holds up nothing but its result.
    """

    def __init__(
        self, peer: config.Peer, own_title: str, layout: Layout, queue: Queue, clock: NodeClock
    ) -> None:
        self._peer, self._layout, self._queue, self._clock = peer, layout, queue, clock
        self._sender = sender_of(peer, own_title)
        self._later = Later(FIRST_S)
        self._absent_s = 0.0

    def step(self) -> float:
        """Send one result, or ask about one; seconds until the next look."""
        try:
            return self._work()
        except PeerAbsentError:
            self._absent_s = min(self._absent_s * 2 or FIRST_S, MOST_S)
            _LOG.warning("peer %s: absent; tried again in %.0f s", self._peer.name, self._absent_s)
            return self._absent_s

    def _work(self) -> float:
        delivery = self._queue.deliveries.next_for(self._peer.name, self._later.numbers())
        if delivery is not None:
            self._send(delivery)
            self._absent_s = 0.0
            return 0.0
        question = self._question()
        if question is None:
            return min(self._later.soonest_s(LOOK_S), LOOK_S)
        self._ask(question)
        return 0.0

    def _send(self, delivery: Delivery) -> None:
        folder = self._layout.result(delivery.job, delivery.generation)
        refused = []

        def told(file: Path, error: PeerRefusedError | None) -> None:
            self._note(delivery.job, file.relative_to(folder).as_posix(), error)
            refused.extend([file] if error else [])

        try:
            self._sender.send([folder / file for file in delivery.files], told)
        except PeerAbsentError as error:
            self._queue.deliveries.put_off(delivery.job, self._peer.name, error.code)
            raise
        except Exception:  # it is not to hold up what comes after it
            self._later.put_off(delivery.job)
            raise
        if refused:
            self._later.put_off(delivery.job)
        else:
            self._later.forget(delivery.job)
        _LOG.info(
            "job %d: peer %s took %d of %d",
            delivery.job,
            self._peer.name,
            len(delivery.files) - len(refused),
            len(delivery.files),
        )

    def _note(self, job: int, file: str, error: PeerRefusedError | None) -> None:
        deliveries, name = self._queue.deliveries, self._peer.name
        if error is None:
            deliveries.sent(job, name, file, kept=not self._asks, now_s=self._clock())
        else:
            deliveries.refused(job, name, file, error.code, most=TRIES, now_s=self._clock())

    @property
    def _asks(self) -> bool:
        return isinstance(self._peer, config.DicomPeer) and self._peer.commitment

    def _question(self) -> Question | None:
        if not isinstance(self._peer, config.DicomPeer) or not self._peer.commitment:
            return None
        return self._queue.deliveries.to_ask(self._peer.name, self._clock() - self._peer.commitment_s)

    def _ask(self, question: Question) -> None:
        """Ask, and note it first: the peer may answer before the request has returned."""
        folder = self._layout.result(question.job, question.generation)
        uid = f"2.25.{uuid.uuid4().int}"
        now_s, deliveries = self._clock(), self._queue.deliveries
        if deliveries.unanswered(question.job, self._peer.name, most=TRIES, now_s=now_s):
            return
        deliveries.asked(uid, question.job, self._peer.name, now_s)
        try:
            assert isinstance(self._sender, DicomSender)
            self._sender.ask([folder / file for file in question.files], uid)
        except PeerRefusedError:
            _LOG.warning("peer %s offers no storage commitment", self._peer.name)
            deliveries.answered(uid, question.files, (), most=TRIES, now_s=self._clock())
