"""Deleting images that are not needed any more; results are kept."""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass

from scanserve.node import config
from scanserve.node.clock import NodeClock
from scanserve.node.disk import Room
from scanserve.node.intake import Intake
from scanserve.node.layout import Layout
from scanserve.node.queue.facade import Queue

__all__ = ["Retention"]

_LOG = logging.getLogger(__name__)
#: How often is looked, seconds.
LOOK_S = 600.0
_DAY_S = 86400.0


@dataclass(frozen=True)
class Retention:
    """Deletes the images of studies whose jobs ended long enough ago, by the node's clock."""

    retention: config.Retention
    layout: Layout
    queue: Queue
    clock: NodeClock
    room: Room
    intake: Intake

    def step(self) -> float:
        """Delete what is due; seconds until the next look."""
        due_s = self.clock() - self.retention.images_days * _DAY_S
        for study, size in self.queue.studies.finished_before(due_s):
            if self._delete(study):
                self.room.give_back(size)
                _LOG.info("the images of a study are deleted")
        return LOOK_S

    def _delete(self, study: str) -> bool:
        """Put the files aside, then forget them: cut off in between, rows are left, which a start forgets.

        No object comes in meanwhile, so that none is taken for known and then deleted.
        """
        folder, trash = self.layout.study(study), self.layout.trash / study
        with self.intake.paused():
            folder.rename(trash)
            if not self.queue.studies.drop_images(study):
                trash.rename(folder)
                return False
        shutil.rmtree(trash)
        return True
