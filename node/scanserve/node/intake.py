"""Taking one object in: from bytes to a durable file and a row of the queue, before anybody is told that it is here.

The order of the steps is what makes a kill harmless: the file is on the disk, then has its name, then its row, then
the disk has the name, and then the sender is answered.  Whatever is cut off in between was not answered, so it is sent
again; what is left of it is cleared up at the next start.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path

from scanserve.contracts import InputError
from scanserve.node.arrivals import Arrivals
from scanserve.node.clock import NodeClock
from scanserve.node.digests import Digester, content_digest
from scanserve.node.disk import Room, is_full
from scanserve.node.durable import make_folder, sync_folder, write_synced
from scanserve.node.heads import Head, read_head
from scanserve.node.layout import Layout
from scanserve.node.queue.facade import Queue
from scanserve.node.queue.studies import Instance

__all__ = ["Intake", "Taken"]


class Taken(Enum):
    """What became of an object: it is new, was here before, or is one of our own and not wanted."""

    NEW = "new"
    KNOWN = "known"
    OWN = "own"


class Intake:
    """Takes objects into a node; from several threads at a time."""

    def __init__(
        self,
        layout: Layout,
        queue: Queue,
        digest: Digester,
        clock: NodeClock,
        room: Room,
        arrivals: Arrivals,
    ) -> None:
        self._layout, self._queue, self._digest, self._clock = layout, queue, digest, clock
        self._room, self._arrivals = room, arrivals
        self._lock = threading.Lock()

    def take(self, data: bytes, caller: str) -> Taken:
        """Take in a DICOM file; when this returns, it outlives a loss of power.

        Args:
            data: the file, with its meta header.
            caller: the AE title or the name of where it comes from.

        Raises:
            InputError: code ``disk-quota`` or ``disk-full``.
            FileRejectedError: it cannot be read.
        """
        with self._room.taken(len(data)):
            taken = self._take(data, caller)
        if taken is not Taken.NEW:
            self._room.give_back(len(data))
        self._queue.kept.count(f"received:{taken.value}")
        return taken

    def knows(self, study: str, instance: str) -> bool:
        """Whether an object, by its UIDs, was taken in, or was made here."""
        digest = self._digest(instance)
        held = self._queue.studies.holds(self._digest(study), digest)
        return held is not None or self._queue.jobs.is_output(digest)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let no object get its place during the block."""
        with self._lock:
            yield

    def _take(self, data: bytes, caller: str) -> Taken:
        partial = self._layout.partial / secrets.token_hex(16)
        try:
            write_synced(partial, data)
            return self._place(partial, data, caller)
        except OSError as error:
            if is_full(error):
                raise InputError("disk-full", "the disk is full.") from error
            raise
        finally:
            partial.unlink(missing_ok=True)

    def _place(self, partial: Path, data: bytes, caller: str) -> Taken:
        head = read_head(partial)
        instance = self._instance(head, data)
        if head.own or self._queue.jobs.is_output(instance.digest):
            return Taken.OWN
        folder = self._layout.study(instance.study)
        with self._lock:
            make_folder(folder)
            known = self._queue.studies.holds(instance.study, instance.digest)
            if known != instance.content:
                partial.replace(self._layout.instance(instance.study, instance.digest))
            arrival = self._queue.studies.add(instance, caller, self._clock())
            if arrival.changed:
                self._arrivals.touch(arrival.study)
        self._room.give_back(arrival.replaced)
        sync_folder(folder)
        return Taken.NEW if arrival.changed else Taken.KNOWN

    def _instance(self, head: Head, data: bytes) -> Instance:
        return Instance(
            self._digest(head.study),
            self._digest(head.instance),
            self._digest(head.series),
            content_digest(data),
            len(data),
        )
