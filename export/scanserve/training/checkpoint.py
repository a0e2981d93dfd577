"""Resumable state of a training run in one safetensors file: weights, moving average, optimizer."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

__all__ = ["load_checkpoint", "save_checkpoint"]


def save_checkpoint(
    path: Path, step: int, model: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer
) -> None:
    """Write atomically: a run that is killed at any moment leaves the previous checkpoint intact."""
    tensors: dict[str, Tensor] = {}
    for prefix, module in (("model", model), ("average", average)):
        tensors |= {f"{prefix}.{name}": value.contiguous() for name, value in module.state_dict().items()}
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{name}": value.contiguous() for name, value in state.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    save_file(tensors, partial, metadata={"state": json.dumps({"step": step})})
    partial.replace(path)


def load_checkpoint(
    path: Path, model: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer
) -> int:
    """Restore in place and return the step to continue from; 0 if there is no checkpoint."""
    if not path.is_file():
        return 0
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        step = int(json.loads(file.metadata()["state"])["step"])
    for prefix, module in (("model", model), ("average", average)):
        module.load_state_dict(_under(tensors, prefix))
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in _under(tensors, "optimizer").items():
        index, field = name.split(".", 1)
        state.setdefault(int(index), {})[field] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
    return step


def _under(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {
        name[len(prefix) + 1 :]: value for name, value in tensors.items() if name.startswith(prefix + ".")
    }
