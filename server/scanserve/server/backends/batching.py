"""What both python-based backends share: the model's settings, and batches of requests.

Runs inside Triton's python stub as ``scanserve_batching``, beside each backend's ``model.py``; it imports
nothing of scanserve, and numpy alone besides the stub's own module.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils

__all__ = ["Settings", "answer", "processors"]

#: ``compute(inputs, wanted names) -> outputs``, all by tensor name.
Compute = Callable[[dict[str, np.ndarray], Sequence[str]], dict[str, np.ndarray]]


class Settings:
    """What a backend reads from Triton's arguments: the model file, batching and parameters."""

    def __init__(self, arguments: dict[str, str]) -> None:
        config = json.loads(arguments["model_config"])
        self.name: str = config["name"]
        self.batched: bool = int(config.get("max_batch_size") or 0) > 0
        self.parameters = {key: value["string_value"] for key, value in config.get("parameters", {}).items()}
        version = Path(arguments["model_repository"], arguments["model_version"])
        # Triton fills in the file name of the stock backend (model.xml for openvino); ONNX serves as well.
        named = version / (config.get("default_model_filename") or "model.onnx")
        self.file = named if named.is_file() else version / "model.onnx"

    def threads(self, parameter: str) -> int:
        """The thread count that ``parameter`` states, else the processors of this process."""
        return int(self.parameters.get(parameter) or 0) or processors()


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


def answer(settings: Settings, requests: Sequence[Any], compute: Compute) -> list[Any]:
    """One response per request, in order.

    A batched model's requests are computed together where all but their first axes agree; an error
    belongs to its own group of requests and never carries tensor content.
    """
    if not settings.batched:
        return [_guarded(settings, [request], compute)[0] for request in requests]
    responses: dict[int, Any] = {}
    for group in _groups(requests):
        members = [requests[index] for index in group]
        responses.update(zip(group, _guarded(settings, members, compute), strict=True))
    return [responses[index] for index in range(len(requests))]


def _groups(requests: Sequence[Any]) -> list[list[int]]:
    groups: dict[tuple, list[int]] = {}
    for index, request in enumerate(requests):
        key = tuple((tensor.name(), tuple(tensor.shape()[1:])) for tensor in request.inputs())
        groups.setdefault(key, []).append(index)
    return list(groups.values())


def _guarded(settings: Settings, requests: Sequence[Any], compute: Compute) -> list[Any]:
    try:
        return _compute(requests, compute)
    except Exception as error:
        pb_utils.Logger.log_error(f"{settings.name}: {type(error).__name__}: {_first_line(error)}")
        shapes = ", ".join(f"{tensor.name()} {list(tensor.shape())}" for tensor in requests[0].inputs())
        message = (
            f"model {settings.name!r} could not compute inputs of shapes {shapes} ({type(error).__name__})."
        )
        return [pb_utils.InferenceResponse(error=pb_utils.TritonError(message)) for _ in requests]


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:500]


def _compute(requests: Sequence[Any], compute: Compute) -> list[Any]:
    per_request = [{tensor.name(): tensor.as_numpy() for tensor in request.inputs()} for request in requests]
    wanted = sorted({name for request in requests for name in request.requested_output_names()})
    if len(requests) == 1:
        return [_response(compute(per_request[0], wanted), requests[0])]
    joined = {name: np.concatenate([inputs[name] for inputs in per_request]) for name in per_request[0]}
    outputs = compute(joined, wanted)
    ends = np.cumsum([len(next(iter(inputs.values()))) for inputs in per_request])
    starts = np.concatenate([[0], ends[:-1]])
    return [
        _response({name: output[start:end] for name, output in outputs.items()}, request)
        for request, start, end in zip(requests, starts, ends, strict=True)
    ]


def _response(outputs: dict[str, np.ndarray], request: Any) -> Any:
    tensors = [pb_utils.Tensor(name, outputs[name]) for name in request.requested_output_names()]
    return pb_utils.InferenceResponse(output_tensors=tensors)
