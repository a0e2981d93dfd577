"""A progress bar on the terminal for the whole run and for each part of the study."""

from __future__ import annotations

import threading
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from scanserve.contracts.printable import printable

__all__ = ["ProgressBars"]


class ProgressBars:
    """Draws what :class:`~scanserve.client.runs.progress.Progress` tells; safe to call from any thread.

    Args:
        console: where to draw.
        whole: the name of the bar of the whole run.
    """

    def __init__(self, console: Console, whole: str) -> None:
        self._whole = whole
        self._lock = threading.Lock()
        self._tasks: dict[str, TaskID] = {}
        self._bars = Progress(
            TextColumn("{task.description:>12}", markup=False),
            BarColumn(bar_width=32),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[stage]}"),
            console=console,
        )

    def __call__(self, part: str, stage: str, fraction: float, /) -> None:
        """Move the bar of ``part`` (``""``: the whole run) to ``fraction``."""
        with self._lock:
            task = self._task(part)
            self._bars.update(task, completed=fraction, stage=stage)

    def _task(self, part: str) -> TaskID:
        if part not in self._tasks:
            self._tasks[part] = self._bars.add_task(printable(part) or self._whole, total=1.0, stage="")
        return self._tasks[part]

    def __enter__(self) -> ProgressBars:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()
