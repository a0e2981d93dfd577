"""What the page asks of a node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scanserve.client.runs.output import REPORT
from scanserve.node.estimate import Estimate, estimates
from scanserve.node.heads import patient_of
from scanserve.node.page.lines import Line, line_of, summary
from scanserve.preprocessing.dicom import FileRejectedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scanserve.node.node import Node
    from scanserve.node.queue.view import Row, Sent

__all__ = ["Desk"]


@dataclass(frozen=True)
class Desk:
    """Questions and orders to a node that runs."""

    node: Node

    def lines(self) -> tuple[list[Line], Mapping[str, int]]:
        """The lines of the page, and how many there are of each state."""
        rows = self.node.queue.view.rows()
        found = self._estimates(rows)
        return [self._line(row, found) for row in rows], summary(rows)

    def line(self, job: int) -> Line | None:
        """The line of one job."""
        rows = self.node.queue.view.rows()
        row = self.node.queue.view.row(job)
        return None if row is None else self._line(row, self._estimates(rows))

    def sent(self, job: int) -> list[Sent]:
        """How the result of a job stands with every peer."""
        return self.node.queue.view.sent(job)

    def report(self, job: int) -> Path | None:
        """The report of a job, if there is one."""
        row = self.node.queue.view.row(job)
        if row is None or not row.result:
            return None
        path = self.node.layout.result(job, row.result) / REPORT
        return path if path.is_file() else None

    def cancel(self, job: int) -> bool:
        """Cancel a job."""
        return self.node.cancel(job)

    def retry(self, job: int) -> bool:
        """Let a job begin again."""
        return self.node.retry(job)

    def _line(self, row: Row, found: Mapping[int, Estimate]) -> Line:
        estimate = found.get(row.job, Estimate())
        return line_of(row, estimate, self.node.clock(), self._name(row))

    def _estimates(self, rows: Sequence[Row]) -> dict[int, Estimate]:
        workers = self.node.config.analysis.workers
        return estimates(rows, self.node.queue.view.latest_times, workers, self.node.clock())

    def _name(self, row: Row) -> str:
        """The patient's name from the images, if the configuration shows it and they are still there."""
        if not self.node.config.page.show_names:
            return ""
        file = next(self.node.layout.study(row.digest).glob("*.dcm"), None)
        try:
            return "" if file is None else patient_of(file).replace("^", " ").strip()
        except (FileRejectedError, OSError):
            return ""
