"""Networks with random weights, for tests alone: never shipped, never served outside a test."""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from torch import nn

from scanserve.contracts import find_model
from scanserve.export.ccta.builders import NETWORKS, samples
from scanserve.export.onnx_export import export_model, write_model
from scanserve.networks.ccta.served import served
from scanserve.networks.weights import save_weights

__all__ = [
    "THIN",
    "save_untrained",
    "thin_network",
    "write_untrained_repository",
    "write_untrained_weights",
]

#: The thinnest configuration of every network.
THIN = {
    "ccta_stage1": {"in_channels": 2, "out_channels": 3, "width": 4},
    "ccta_stage2": {"in_channels": 2, "out_channels": 1, "width": 4},
    "ccta_quality": {"width": 4, "classes": 4},
}


def thin_network(name: str, seed: int = 0) -> nn.Module:
    """An untrained network in evaluation mode, with outputs that are not all alike."""
    torch.manual_seed(seed)
    architecture, configuration = NETWORKS[name]
    network = architecture(configuration(**THIN[name]))
    for module in network.modules():
        if isinstance(module, nn.BatchNorm3d):  # zero at the start of training: every block an identity
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.running_mean, -0.1, 0.1)
    return network.eval()


def write_untrained_weights(weights_dir: Path, name: str) -> Path:
    """Random weights with a manifest, in ``weights_dir/name``; returns that folder."""
    return save_untrained(weights_dir / name, thin_network(name), THIN[name])


def save_untrained(folder: Path, network: nn.Module, config: dict[str, int]) -> Path:
    """The weights of a network that nobody trained, with a manifest that says so; returns ``folder``."""
    save_weights(
        folder,
        network.state_dict(),
        seed=0,
        config=config,
        data={"source": "none: random weights"},
        metrics={},
        licence="Apache-2.0",
        intended_use="tests",
        training_command="none",
        trained_on=("nothing",),
    )
    return folder


def write_untrained_repository(path: Path) -> Path:
    """``model.onnx`` and ``parity.json`` of every CCTA model that is no ensemble, in ``path``."""
    for name in ("ccta_normalize", "ccta_crop"):
        export_model(name, path, path / "no-weights")
    for name in NETWORKS:
        spec = find_model(name)
        write_model(served(thin_network(name), name), spec, samples(spec), path)
    return path


if __name__ == "__main__":
    write_untrained_repository(Path(sys.argv[1]))
