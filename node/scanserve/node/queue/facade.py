"""All parts of a queue, on one file."""

from __future__ import annotations

from pathlib import Path

from scanserve.node.queue.database import Database
from scanserve.node.queue.deliveries import Deliveries
from scanserve.node.queue.jobs import Jobs
from scanserve.node.queue.kept import Kept
from scanserve.node.queue.studies import Studies
from scanserve.node.queue.view import View

__all__ = ["Queue"]


class Queue:
    """The queue of a node; raises as :class:`Database`."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path)
        self.studies = Studies(self._database)
        self.jobs = Jobs(self._database)
        self.deliveries = Deliveries(self._database)
        self.view = View(self._database)
        self.kept = Kept(self._database)

    def close(self) -> None:
        """Close the file."""
        self._database.close()
