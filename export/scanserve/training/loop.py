"""The training loop: seeded, resumable at any step, in the faster arithmetic, with a moving average of the weights."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter

from scanserve.contracts import SetupError
from scanserve.training.options import TrainingOptions
from scanserve.training.recipe import Recipe, TrainingSamples
from scanserve.training.trainee import Trainee

__all__ = ["restore", "train"]

#: The file from which a run resumes.
CHECKPOINT = "checkpoint.safetensors"


Progress = Callable[[int, int, Mapping[str, float]], None]


def train(
    recipe: Recipe,
    options: TrainingOptions,
    progress: Progress | None = None,
    preparing: Callable[[int, int], None] | None = None,
) -> tuple[nn.Module, int]:
    """Train, or resume training; return the averaged network in evaluation mode and its number of steps.

    The run folder receives ``checkpoint.safetensors`` and TensorBoard events.
    """
    steps = options.steps or recipe.steps
    trainee = _fresh(recipe, options)
    samples = recipe.samples(options.sources, options.studies or recipe.studies, options.seed)
    samples.prepare(preparing)
    path = options.run / CHECKPOINT
    start = trainee.load(path)
    with SummaryWriter(str(options.run)) as writer:
        for step, batch in _batches(samples, range(start, steps)):
            terms = trainee.learn(_to(batch, options.device), step, recipe.rate(step, steps))
            _record(writer, step, terms)
            if progress:
                progress(step + 1, steps, terms)
            if (step + 1) % options.checkpoint_every == 0 or step + 1 == steps:
                trainee.save(path, step + 1)
            if (step + 1) % options.validate_every == 0 and step + 1 < steps:
                _record(writer, step, recipe.validate(trainee.average.eval(), options.sources))
    return trainee.average.eval(), max(start, steps)


def _batches(samples: TrainingSamples, steps: range) -> Iterator[tuple[int, Mapping[str, Tensor]]]:
    """Yield every step with its batch; a thread prepares two batches ahead."""
    with ThreadPoolExecutor(1) as pool:
        later = iter(steps)
        upcoming = deque(pool.submit(samples.batch, step) for step in islice(later, 2))
        for step in steps:
            batch = upcoming.popleft().result()
            upcoming.extend(pool.submit(samples.batch, after) for after in islice(later, 1))
            yield step, batch


def restore(recipe: Recipe, options: TrainingOptions) -> tuple[nn.Module, int]:
    """The averaged network of the last checkpoint in evaluation mode, and its number of steps.

    Raises:
        SetupError: code ``checkpoint-missing``.
    """
    trainee = _fresh(recipe, options)
    step = trainee.load(options.run / CHECKPOINT)
    if not step:
        raise SetupError(
            "checkpoint-missing",
            f"the run folder of {recipe.model} must hold {CHECKPOINT} but does not; train first.",
        )
    return trainee.average.eval(), step


def _fresh(recipe: Recipe, options: TrainingOptions) -> Trainee:
    return Trainee(recipe, options.seed, options.device, options.start_from)


def _to(batch: Mapping[str, Tensor], device: str) -> dict[str, Tensor]:
    return {name: value.to(device) for name, value in batch.items()}


def _record(writer: Any, step: int, values: Mapping[str, float]) -> None:
    for name, value in values.items():
        writer.add_scalar(name, value, step)
