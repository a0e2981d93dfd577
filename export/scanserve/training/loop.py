"""The training loop: seeded, resumable at any step, in the faster arithmetic, with a moving average of the weights."""

from __future__ import annotations

import copy
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter

from scanserve.contracts import InputError, SetupError
from scanserve.networks.weights import load_weights
from scanserve.training.checkpoint import load_checkpoint, save_checkpoint
from scanserve.training.precision import measured
from scanserve.training.recipe import Recipe, Sources, TrainingSamples

__all__ = ["TrainingOptions", "restore", "train"]

#: Decay of the moving average of the weights, which is what ships.
AVERAGE_DECAY = 0.995
#: The file from which a run resumes.
CHECKPOINT = "checkpoint.safetensors"
#: Largest gradient norm.
GRADIENT_NORM = 5.0
#: Rank of a convolution's weights -> their fast layout.
CHANNELS_LAST = {4: torch.channels_last, 5: torch.channels_last_3d}


@dataclass(frozen=True)
class TrainingOptions:
    """Options of a run; ``None`` keeps the value of the recipe.

    A new run starts from the weights in ``start_from / <model>`` if given, else from random weights.
    """

    run: Path
    sources: Sources
    seed: int = 0
    steps: int | None = None
    studies: int | None = None
    device: str = "cpu"
    checkpoint_every: int = 100
    validate_every: int = 500
    start_from: Path | None = None


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
    model, average, optimizer = _fresh(recipe, options)
    samples = recipe.samples(options.sources, options.studies or recipe.studies, options.seed)
    samples.prepare(preparing)
    path = options.run / CHECKPOINT
    start = load_checkpoint(path, model, average, optimizer)
    with SummaryWriter(str(options.run)) as writer:
        for step, batch in _batches(samples, range(start, steps)):
            rate = recipe.rate(step, steps)
            terms = _step(recipe, model, optimizer, _to(batch, options.device), rate)
            _follow(average, model, step)
            _record(writer, step, terms)
            if progress:
                progress(step + 1, steps, terms)
            if (step + 1) % options.checkpoint_every == 0 or step + 1 == steps:
                save_checkpoint(path, step + 1, model, average, optimizer)
            if (step + 1) % options.validate_every == 0 and step + 1 < steps:
                _record(writer, step, recipe.validate(average.eval(), options.sources))
    return average.eval(), max(start, steps)


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
    path = options.run / CHECKPOINT
    model, average, optimizer = _fresh(recipe, options)
    step = load_checkpoint(path, model, average, optimizer)
    if not step:
        raise SetupError(
            "checkpoint-missing",
            f"the run folder of {recipe.model} must hold {CHECKPOINT} but does not; train first.",
        )
    return average.eval(), step


def _fresh(recipe: Recipe, options: TrainingOptions) -> tuple[nn.Module, nn.Module, torch.optim.Optimizer]:
    """The seeded network, its moving average and the optimizer."""
    torch.manual_seed(options.seed)
    model = recipe.build(recipe.config).to(options.device)
    if options.start_from is not None:
        model.load_state_dict(_begun(recipe, options.start_from, model.state_dict()))
    _channels_last(model)
    optimizer = recipe.optimizer(model.parameters(), lr=recipe.learning_rate)
    return model, copy.deepcopy(model), optimizer


def _begun(recipe: Recipe, weights: Path, fresh: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights from which a run starts; input channels that they lack start from the ``fresh`` weights.

    Raises:
        SetupError: codes of :func:`load_weights`.
        InputError: code ``start-config`` if they belong to a network of another configuration.
    """
    manifest, state = load_weights(weights / recipe.model)
    mine, theirs = dict(recipe.config), dict(manifest.config)
    fewer = theirs.get("in_channels", 0) < mine.get("in_channels", 0)
    if theirs != (mine | {"in_channels": theirs.get("in_channels")} if fewer else mine):
        raise InputError(
            "start-config",
            f"the initial weights must have the configuration {mine} but have {manifest.config}.",
        )
    return {name: _widened(state[name], value) for name, value in fresh.items()}


def _widened(trained: Tensor, fresh: Tensor) -> Tensor:
    """``trained`` in the first input channels (axis 1) of ``fresh``."""
    if trained.shape == fresh.shape:
        return trained
    result = fresh.clone()
    result[:, : trained.shape[1]] = trained
    return result


def _channels_last(model: nn.Module) -> None:
    """Give the weights of 2-D and 3-D convolutions the memory layout that is fast on the processor."""
    for parameter in model.parameters():
        layout = CHANNELS_LAST.get(parameter.dim())
        if layout is not None:
            parameter.data = parameter.data.to(memory_format=layout)


def _step(
    recipe: Recipe,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    batch: Mapping[str, Tensor],
    rate: float,
) -> dict[str, float]:
    """Take one optimizer step; return the loss terms and the duration in seconds."""
    began = time.perf_counter()
    for group in optimizer.param_groups:
        group["lr"] = rate * recipe.learning_rate
    model.train()
    with measured(str(next(model.parameters()).device)).context():
        terms = recipe.loss(model, batch)
    optimizer.zero_grad(set_to_none=True)
    terms["total"].backward()
    nn.utils.clip_grad_norm_(model.parameters(), GRADIENT_NORM)
    optimizer.step()
    return {name: float(value.detach()) for name, value in terms.items()} | {
        "seconds": time.perf_counter() - began
    }


@torch.no_grad()
def _follow(average: nn.Module, model: nn.Module, step: int) -> None:
    """Move the average toward the model, faster in the first steps."""
    decay = min(AVERAGE_DECAY, (1 + step) / (10 + step))
    for mine, theirs in zip(average.state_dict().values(), model.state_dict().values(), strict=True):
        if mine.dtype.is_floating_point:
            mine.lerp_(theirs, 1 - decay)
        else:
            mine.copy_(theirs)


def _to(batch: Mapping[str, Tensor], device: str) -> dict[str, Tensor]:
    return {name: value.to(device) for name, value in batch.items()}


def _record(writer: Any, step: int, values: Mapping[str, float]) -> None:
    for name, value in values.items():
        writer.add_scalar(name, value, step)
