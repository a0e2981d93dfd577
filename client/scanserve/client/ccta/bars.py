"""A progress bar per phase on the terminal."""

from __future__ import annotations

import threading
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

__all__ = ["PhaseBars"]


class PhaseBars:
    """Draws what :class:`~scanserve.client.ccta.analysis.Progress` tells; safe to call from any thread."""

    def __init__(self, console: Console) -> None:
        self._lock = threading.Lock()
        self._tasks: dict[str, TaskID] = {}
        self._bars = Progress(
            TextColumn("{task.description:>12}"),
            BarColumn(bar_width=32),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[stage]}"),
            console=console,
        )

    def __call__(self, phase: str, stage: str, fraction: float) -> None:
        """Move the bar of ``phase`` (``""``: all phases together) to ``fraction``."""
        with self._lock:
            task = self._task(phase)
            self._bars.update(task, completed=fraction, stage=stage)

    def _task(self, phase: str) -> TaskID:
        if phase not in self._tasks:
            self._tasks[phase] = self._bars.add_task(phase or "all phases", total=1.0, stage="")
        return self._tasks[phase]

    def __enter__(self) -> PhaseBars:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()
