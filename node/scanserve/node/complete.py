"""Finding studies that are complete, and queueing them for their applications."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from scanserve.node.arrivals import Arrivals
from scanserve.node.clock import NodeClock
from scanserve.node.config import NodeConfig
from scanserve.node.heads import read_head
from scanserve.node.layout import Layout
from scanserve.node.queue.facade import Queue
from scanserve.node.queue.studies import Open
from scanserve.node.reasons import NO_RULE
from scanserve.node.route import Facts, routes
from scanserve.preprocessing.dicom import FileRejectedError

__all__ = ["Completion"]

#: How often studies are looked at, seconds.
LOOK_S = 0.2


class Completion:
    """Looks for studies that have been quiet for long enough, or have the number of instances that was stated."""

    def __init__(
        self,
        config: NodeConfig,
        layout: Layout,
        queue: Queue,
        arrivals: Arrivals,
        clock: NodeClock,
        completed: Callable[[], None],
    ) -> None:
        self._config, self._layout, self._queue = config, layout, queue
        self._arrivals, self._clock, self._completed = arrivals, clock, completed

    def step(self) -> float:
        """Queue what is complete; seconds until the next look."""
        for study in self._queue.studies.open():
            if self._is_complete(study):
                self._complete(study)
        return LOOK_S

    def _is_complete(self, study: Open) -> bool:
        stated = self._config.study.instances
        quiet_s = self._arrivals.quiet_s(study.id)
        return study.instances > 0 and (study.instances == stated or quiet_s >= self._config.study.quiet_s)

    def _complete(self, study: Open) -> None:
        found = routes(self._config.rules, self._facts(study))
        if self._queue.studies.complete(study, found, self._clock(), code=NO_RULE):
            self._arrivals.forget(study.id)
            self._completed()

    def _facts(self, study: Open) -> Iterator[Facts]:
        """What the first instance of each series says."""
        for series, instances in self._queue.studies.series_of(study.id).items():
            try:
                head = read_head(self._layout.instance(study.digest, instances[0]))
            except (FileRejectedError, OSError):
                continue
            yield Facts(series, head.modality, head.descriptions, study.caller)
