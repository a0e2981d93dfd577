"""The contract of a served model: its tensors, its batching, and where it runs in each configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from scanserve.contracts.tensor import TensorSpec

__all__ = ["CONFIGURATIONS", "Deployment", "EnsembleStep", "ModelSpec"]

Configuration = Literal["default", "cpu", "t4", "a100"]
#: ``default`` is ``config.pbtxt``; the others are ``configs/<name>.pbtxt`` (``--model-config-name``).
CONFIGURATIONS: tuple[Configuration, ...] = ("default", "cpu", "t4", "a100")


@dataclass(frozen=True)
class Deployment:
    """Where a model runs in one configuration.

    ``backend`` is Triton's name of the backend; ``kind`` is the kind of its instance group; ``instances`` is the
    number of instances per device; ``file`` is the model file in the version folder, and ``capability_files`` maps
    compute capabilities to TensorRT plans.
    """

    backend: Literal["onnxruntime", "openvino", "tensorrt"]
    kind: Literal["KIND_AUTO", "KIND_CPU", "KIND_GPU"]
    instances: int = 1
    file: str = "model.onnx"
    capability_files: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EnsembleStep:
    """One step of an ensemble; both maps are ``tensor of the model -> tensor of the ensemble``."""

    model: str
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]


@dataclass(frozen=True)
class ModelSpec:
    """The contract of one served model.

    ``kind`` is ``network`` (trained weights), ``graph`` (fixed arithmetic) or ``ensemble`` (``steps``).
    With ``max_batch_size`` 0 the tensors have exactly the axes listed.  Otherwise a leading batch axis is added, and
    requests are batched dynamically up to that size.  A request that finds the model idle waits at most
    ``queue_delay_us`` for others; what comes while the model is busy is computed together in any case.
    With ``tensorrt``, the ONNX graph must hold only operators and ranks that TensorRT documents.
    """

    name: str
    summary: str
    kind: Literal["network", "graph", "ensemble"]
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    max_batch_size: int = 0
    queue_delay_us: int = 0
    steps: tuple[EnsembleStep, ...] = ()
    deployments: Mapping[str, Deployment] = field(default_factory=dict)
    tensorrt: bool = False

    def input(self, name: str) -> TensorSpec:
        """The input called ``name``; raises ``KeyError``."""
        return {spec.name: spec for spec in self.inputs}[name]

    def output(self, name: str) -> TensorSpec:
        """The output called ``name``; raises ``KeyError``."""
        return {spec.name: spec for spec in self.outputs}[name]

    def only(self, *outputs: str) -> ModelSpec:
        """The same model, asked for these outputs alone; raises ``KeyError``."""
        return replace(self, outputs=tuple(self.output(name) for name in outputs))

    @property
    def batched(self) -> bool:
        """Whether tensors carry a leading batch axis."""
        return self.max_batch_size > 0
