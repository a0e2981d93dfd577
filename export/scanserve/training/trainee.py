"""A network that learns: its weights, their moving average and the optimizer, and one step of all three."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn

from scanserve.contracts import InputError, SetupError
from scanserve.networks.weights import load_weights
from scanserve.training.checkpoint import load_checkpoint, save_checkpoint
from scanserve.training.precision import measured
from scanserve.training.recipe import Recipe

__all__ = ["Trainee", "blended"]

#: Decay of the moving average of the weights, which is what ships.
AVERAGE_DECAY = 0.995
#: Largest gradient norm.
GRADIENT_NORM = 5.0
#: So many steps in a row without a finite gradient end a run.
MOST_DROPPED = 50
#: Rank of a convolution's weights -> their fast layout.
CHANNELS_LAST = {4: torch.channels_last, 5: torch.channels_last_3d}


class Trainee:
    """The network of ``recipe`` on ``device``, seeded, from the weights in ``start_from / <model>`` if given.

    Attributes:
        model: the network.
        average: the moving average of its weights.

    Raises:
        SetupError: codes of :func:`~scanserve.networks.weights.load_weights`.
        InputError: code ``start-config`` if the initial weights belong to a network of another configuration.
    """

    def __init__(
        self, recipe: Recipe, seed: int, device: str, start_from: Path | None, decay: float = AVERAGE_DECAY
    ) -> None:
        torch.manual_seed(seed)
        self.recipe, self.device, self.decay = recipe, device, decay
        self.model = recipe.build(recipe.config).to(device)
        if start_from is not None:
            self.model.load_state_dict(_begun(recipe, start_from, self.model.state_dict()))
        _channels_last(self.model)
        self.optimizer = recipe.optimizer(self.model.parameters(), lr=recipe.learning_rate)
        self.average = copy.deepcopy(self.model)
        self._dropped = 0

    def learn(self, batch: Mapping[str, Tensor], step: int, rate: float) -> dict[str, float]:
        """Take one step at ``rate`` times the full learning rate; return the loss terms and the duration in seconds.

        A step whose gradient is not finite changes no weight and has ``dropped`` 1: bfloat16 convolutions of oneDNN may
        read memory that nobody has written, and one such gradient would make all weights NaN.

        Raises:
            SetupError: code ``training-diverged`` after :data:`MOST_DROPPED` such steps in a row.
        """
        began = time.perf_counter()
        terms = self._descend(batch, rate)
        self._follow(step)
        return {name: float(value.detach()) for name, value in terms.items()} | {
            "dropped": float(self._dropped > 0),
            "seconds": time.perf_counter() - began,
        }

    def save(self, path: Path, step: int) -> None:
        """Write a checkpoint, atomically."""
        save_checkpoint(path, step, self.model, self.average, self.optimizer)

    def load(self, path: Path) -> int:
        """Continue from a checkpoint; return its step, or 0 if there is none."""
        return load_checkpoint(path, self.model, self.average, self.optimizer)

    def _descend(self, batch: Mapping[str, Tensor], rate: float) -> Mapping[str, Tensor]:
        for group in self.optimizer.param_groups:
            group["lr"] = rate * self.recipe.learning_rate
        self.model.train()
        with measured(self.device).context():
            terms = self.recipe.loss(self.model, batch)
        self.optimizer.zero_grad(set_to_none=True)
        terms["total"].backward()
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), GRADIENT_NORM)
        if torch.isfinite(norm):
            self.optimizer.step()
            self._dropped = 0
        else:
            self._drop()
        return terms

    def _drop(self) -> None:
        self._dropped += 1
        if self._dropped >= MOST_DROPPED:
            raise SetupError(
                "training-diverged",
                f"the training of {self.recipe.model} must have finite gradients but had none in {MOST_DROPPED} steps.",
            )

    @torch.no_grad()
    def _follow(self, step: int) -> None:
        """Move the average toward the model, faster in the first steps."""
        decay = min(self.decay, (1 + step) / (10 + step))
        for mine, theirs in zip(self.average.buffers(), self.model.buffers(), strict=True):
            # One batch whose variance overflows would stay in the running statistics for good.
            theirs.copy_(torch.where(torch.isfinite(theirs), theirs, mine))
        pairs = list(zip(self.average.state_dict().values(), self.model.state_dict().values(), strict=True))
        real = [pair for pair in pairs if pair[0].dtype.is_floating_point]
        get_ema_multi_avg_fn(decay)([mine for mine, _ in real], [theirs for _, theirs in real], None)
        for mine, theirs in pairs:
            if not mine.dtype.is_floating_point:
                mine.copy_(theirs)


def blended(recipe: Recipe, network: nn.Module, start_from: Path, share: float) -> nn.Module:
    """``network`` with ``share`` of the weights in ``start_from / <model>``: a model soup (Wortsman et al. 2022).

    Networks on one path of training may be averaged; the average keeps more of what the initial weights knew.

    Raises:
        SetupError, InputError: as for :class:`Trainee`.
    """
    trained = network.state_dict()
    begun = _begun(recipe, start_from, trained)
    mixed = copy.deepcopy(network)
    mixed.load_state_dict(
        {
            name: torch.lerp(value, begun[name].to(value.device), share)
            if value.dtype.is_floating_point
            else value
            for name, value in trained.items()
        }
    )
    return mixed.eval()


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
