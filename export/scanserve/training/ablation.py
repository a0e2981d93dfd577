"""Trainings that differ in one choice each, for the same processor time: what the ablations of all applications share.

They are short.  Their figures say which choice is better after the same time, and nothing about shipped networks.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from torch import nn

from scanserve.contracts import InputError
from scanserve.training.optimization import warm_cosine
from scanserve.training.recipe import TrainingSamples
from scanserve.training.trainee import Trainee

__all__ = ["CHECKPOINT_S", "Kept", "Progress", "Trained", "chosen", "train_for"]

#: The schedule of the learning rate is cut into this many parts of the time.
PARTS = 10_000
#: Processor time between checkpoints, s.
CHECKPOINT_S = 60.0

#: Called with the share of the time, the step and the terms of its loss.
Progress = Callable[[float, int, Mapping[str, float]], None]
Variant = TypeVar("Variant")


@dataclass(frozen=True)
class Trained:
    """A trained variant: its name and title, the steps that it made in its time, and the averaged network."""

    name: str
    title: str
    steps: int
    network: nn.Module


def chosen(names: Sequence[str], variants: Mapping[str, Variant]) -> dict[str, Variant]:
    """The variants of these names; all of them where there are no names.

    Raises:
        InputError: code ``unknown-variant``.
    """
    for name in names:
        if name not in variants:
            known = ", ".join(variants)
            raise InputError("unknown-variant", f"there is no variant {name!r}; expected one of {known}.")
    return {name: variants[name] for name in names or variants}


@dataclass(frozen=True)
class Kept:
    """The training in ``folder``: a checkpoint, and what it has spent beside ``facts``, which decide its outcome.

    A training with other facts is begun anew.
    """

    folder: Path
    facts: Mapping[str, Any]

    def resume(self, trainee: Trainee) -> tuple[int, float]:
        """The step from which it goes on and the seconds that it has spent."""
        if not self._log.is_file():
            return 0, 0.0
        known = json.loads(self._log.read_text(encoding="utf-8"))
        if known["facts"] != self.facts:
            return 0, 0.0
        return trainee.load(self._checkpoint), float(known["seconds"])

    def save(self, trainee: Trainee, step: int, seconds: float) -> None:
        """Keep it as it is after ``seconds``."""
        trainee.save(self._checkpoint, step)
        self._log.write_text(json.dumps({"seconds": seconds, "facts": self.facts}), encoding="utf-8")

    @property
    def _checkpoint(self) -> Path:
        return self.folder / "checkpoint.safetensors"

    @property
    def _log(self) -> Path:
        return self.folder / "spent.json"


def train_for(
    seconds: float,
    trainee: Trainee,
    samples: TrainingSamples,
    kept: Kept | None = None,
    progress: Progress | None = None,
) -> int:
    """Train for ``seconds`` of processor time, go on with what is kept, and return the number of steps.

    Time in which the process does not run does not count, nor does the making of samples.  Where any time is left, at
    least one step is made.
    """
    step, spent = kept.resume(trainee) if kept else (0, 0.0)
    if spent >= seconds:
        return step
    samples.prepare()
    began, saved, first = time.process_time() - spent, spent, step
    while (spent := time.process_time() - began) < seconds or step == first:
        if kept and spent - saved > CHECKPOINT_S:
            kept.save(trainee, step, spent)
            saved = spent
        share = min(spent / seconds, 1.0)
        terms = trainee.learn(samples.batch(step), step, warm_cosine(int(PARTS * share), PARTS))
        step += 1
        if progress:
            progress(share, step, terms)
    if kept:
        kept.save(trainee, step, seconds)
    return step
