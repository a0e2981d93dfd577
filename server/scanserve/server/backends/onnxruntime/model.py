"""Triton's ``onnxruntime`` backend for the embedded server: the onnxruntime of PyPI in a python stub.

A model's configuration is the one that the stock C++ backend reads.  Parameters honoured:
``intra_op_thread_count``, ``inter_op_thread_count`` and
``enable_mem_arena`` (on unless ``0``: temporaries are kept for the next request, which spares the kernel
tens of thousands of page faults).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnxruntime
from scanserve_batching import Settings, answer

__all__ = ["TritonPythonModel"]

_ERRORS_ONLY = 3


class TritonPythonModel:
    """One instance of one model."""

    def initialize(self, args: dict[str, str]) -> None:
        """Load the model file of the version folder."""
        self.settings = Settings(args)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = _ERRORS_ONLY
        options.intra_op_num_threads = self.settings.threads("intra_op_thread_count")
        options.enable_cpu_mem_arena = self.settings.parameters.get("enable_mem_arena", "1") != "0"
        # The arena alone decides where temporaries lie.  The plan of a shape would be one more block beside what the
        # arena holds already, and planning reuse takes most of the time in which a graph of 4,000 nodes loads.
        options.enable_mem_pattern = False
        options.enable_mem_reuse = False
        options.inter_op_num_threads = int(self.settings.parameters.get("inter_op_thread_count") or 1)
        # Waiting threads must not spin: the next step of an ensemble needs the processors.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.session = onnxruntime.InferenceSession(
            str(self.settings.file), options, providers=["CPUExecutionProvider"]
        )

    def execute(self, requests: Sequence[Any]) -> list[Any]:
        """Answer the requests, in order."""
        return answer(self.settings, requests, self.compute)

    def compute(self, inputs: dict[str, np.ndarray], wanted: Sequence[str]) -> dict[str, np.ndarray]:
        """Only the outputs in ``wanted``."""
        return dict(zip(wanted, self.session.run(list(wanted), inputs), strict=True))
