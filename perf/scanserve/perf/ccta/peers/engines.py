"""Engines that run the trained stage 2 on the crops of one phase, to heat of 0 to 255."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scanserve.perf.peers import Peer

__all__ = ["MODEL", "engines", "onnxruntime_engine", "openvino_engine"]

MODEL = "ccta_stage2"
_INPUT, _OUTPUT = "crops", "heatmaps"
Heat = npt.NDArray[np.uint8]
_OWN_WEIGHTS = Path(__file__).resolve().parents[5] / "weights"


def engines(file: Path, crops: npt.NDArray[np.float32]) -> list[Peer]:
    """Every engine on ``crops [3, 2, z, y, x]``; those of torch load the weights, the others the ONNX ``file``."""
    return [
        Peer("torch eager", lambda: _torch(crops, compiled=False)),
        Peer("torch.compile", lambda: _torch(crops, compiled=True)),
        Peer("onnxruntime in process", lambda: onnxruntime_engine(file, crops)),
        Peer("OpenVINO in process, f32", lambda: openvino_engine(file, crops, "f32")),
        Peer("OpenVINO in process, its own precision", lambda: openvino_engine(file, crops, "")),
    ]


def onnxruntime_engine(file: Path, crops: npt.NDArray[np.float32]) -> Callable[[], Heat]:
    """ONNX Runtime on the CPU."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    return lambda: session.run([_OUTPUT], {_INPUT: crops})[0]


def openvino_engine(file: Path, crops: npt.NDArray[np.float32], precision: str) -> Callable[[], Heat]:
    """OpenVINO on the CPU; without a ``precision`` it takes what it finds fastest."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # no usage data, ever
    import openvino

    core = openvino.Core()
    options = {
        "PERFORMANCE_HINT": "LATENCY",
        **({"INFERENCE_PRECISION_HINT": precision} if precision else {}),
    }
    model = core.compile_model(core.read_model(file), "CPU", options)
    return lambda: np.array(model({_INPUT: crops})[_OUTPUT])


def _torch(crops: npt.NDArray[np.float32], *, compiled: bool) -> Callable[[], Heat]:
    import torch

    from scanserve.networks.ccta import ResUNet50, ResUNetConfig, ServedStage2
    from scanserve.networks.weights import load_weights

    manifest, state = load_weights(_OWN_WEIGHTS / MODEL)
    network = ResUNet50(ResUNetConfig(**manifest.config))
    network.load_state_dict(state)
    module: Any = ServedStage2(network).eval()
    if compiled:
        module = torch.compile(module, dynamic=False)
    image = torch.from_numpy(crops)

    def run() -> Heat:
        with torch.inference_mode():
            return module(image).numpy()

    return run
