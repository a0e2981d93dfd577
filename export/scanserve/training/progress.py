"""Progress of a training run: bars in a terminal, occasional lines in a log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

__all__ = ["followed"]

#: Number of samples or steps between lines of a log.
EVERY = 50

Preparing = Callable[[int, int], None]
Stepping = Callable[[int, int, Mapping[str, float]], None]


@contextmanager
def followed(console: Console) -> Iterator[tuple[Preparing, Stepping]]:
    """Yield the two callbacks of :func:`scanserve.training.loop.train`: samples made, and steps with their loss."""
    if not console.is_terminal:
        yield _lines(console)
        return
    columns = (
        "{task.description}",
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[loss]}"),
    )
    with Progress(*columns, console=console) as bar:
        samples = bar.add_task("samples", total=None, loss="")
        steps = bar.add_task("training", total=None, loss="")
        losses = _Losses()
        yield (
            lambda done, total: bar.update(samples, completed=done, total=total),
            lambda done, total, terms: bar.update(steps, completed=done, total=total, loss=losses.of(terms)),
        )


@dataclass
class _Losses:
    """The loss in words, and how many steps were dropped since the start."""

    dropped: int = 0

    def of(self, terms: Mapping[str, float]) -> str:
        self.dropped += terms.get("dropped", 0.0) > 0
        lost = f", {self.dropped} dropped (no finite gradient)" if self.dropped else ""
        return f"loss {terms['total']:.4f}{lost}"


def _lines(console: Console) -> tuple[Preparing, Stepping]:
    def due(done: int, total: int) -> bool:
        return done % EVERY == 0 or done == total

    def prepared(done: int, total: int) -> None:
        if due(done, total):
            console.print(f"samples {done}/{total}", highlight=False)

    losses = _Losses()

    def stepped(done: int, total: int, terms: Mapping[str, float]) -> None:
        said = losses.of(terms)
        if due(done, total):
            console.print(f"step {done}/{total}, {said}", highlight=False)

    return prepared, stepped
