"""Triton's ``openvino`` backend for the embedded server: the openvino of PyPI in a python stub.

Parameters honoured: ``precision`` (``f32`` by default; ``bf16`` is faster and counts where the processor has it) and
``INFERENCE_NUM_THREADS``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

# openvino imports openvino_telemetry where it is installed, which may send usage data.  A server in a
# hospital never does: the import is refused here, and openvino falls back to its own empty stub.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
# Its converters of models are half of what importing openvino takes, and a server converts nothing.
sys.modules["openvino.tools"] = None  # type: ignore[assignment]

import numpy as np  # noqa: E402
import openvino  # noqa: E402
import triton_python_backend_utils as pb_utils  # noqa: E402
from scanserve_batching import Settings, answer  # noqa: E402

__all__ = ["TritonPythonModel"]

CACHE_VARIABLE = "SCANSERVE_OPENVINO_CACHE"


class TritonPythonModel:
    """One instance of one model."""

    def initialize(self, args: dict[str, str]) -> None:
        """Compile the model file of the version folder for the CPU."""
        self.settings = Settings(args)
        core = openvino.Core()
        self.model = core.compile_model(
            core.read_model(self.settings.file), "CPU", _options(self.settings, core)
        )
        self.request = self.model.create_infer_request()

    def execute(self, requests: Sequence[Any]) -> list[Any]:
        """Answer the requests, in order."""
        return answer(self.settings, requests, self.compute)

    def compute(self, inputs: dict[str, np.ndarray], wanted: Sequence[str]) -> dict[str, np.ndarray]:
        """The outputs in ``wanted``; they are valid until the next call."""
        self.request.infer(inputs, share_inputs=True, share_outputs=True)
        return {name: self.request.get_tensor(name).data for name in wanted}


def _options(settings: Settings, core: openvino.Core) -> dict[str, Any]:
    options: dict[str, Any] = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": _precision(
            settings, core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        ),
        "INFERENCE_NUM_THREADS": settings.threads("INFERENCE_NUM_THREADS"),
    }
    # The stub's Python takes the environment for ASCII, and OpenVINO wants text.
    cache = os.environb.get(CACHE_VARIABLE.encode())
    if cache:
        options["CACHE_DIR"] = cache.decode()
    return options


def _precision(settings: Settings, capabilities: Sequence[str]) -> str:
    """The precision asked for where the processor computes in it, else FP32, which is never less accurate."""
    wanted = settings.parameters.get("precision", "f32")
    used = wanted if wanted.upper() in capabilities else "f32"
    pb_utils.Logger.log_info(f"{settings.name}: computes in {used}")
    return used
