"""What a peer answers about storage commitment, brought back to the files that it was asked about."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from scanserve.node.clock import NodeClock
from scanserve.node.deliver import TRIES
from scanserve.node.heads import read_head
from scanserve.node.layout import Layout
from scanserve.node.queue.facade import Queue

__all__ = ["Commitment"]

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Commitment:
    """Takes the answers of peers."""

    layout: Layout
    queue: Queue
    clock: NodeClock

    def answered(self, uid: str, kept: Sequence[str], lost: Sequence[str]) -> None:
        """Note what a peer keeps and what it has lost; an answer to what was not asked is left alone."""
        found = self.queue.deliveries.asked_about(uid)
        if found is None:
            _LOG.warning("an answer about storage commitment that was not asked for")
            return
        question, peer = found
        folder = self.layout.result(question.job, question.generation)
        names = {read_head(folder / file).instance: file for file in question.files}
        self.queue.deliveries.answered(
            uid,
            [names[instance] for instance in kept if instance in names],
            [names[instance] for instance in lost if instance in names],
            most=TRIES,
            now_s=self.clock(),
        )
        _LOG.info("job %d: peer %s keeps %d, lacks %d", question.job, peer, len(kept), len(lost))
