"""Deployments shared by models: where a graph or a network runs."""

from __future__ import annotations

from collections.abc import Mapping

from scanserve.contracts.model import Deployment

__all__ = ["GRAPH", "OPENVINO_CPU", "ORT_AUTO", "ORT_CPU", "ORT_GPU", "tensorrt_network"]

ORT_AUTO = Deployment("onnxruntime", "KIND_AUTO")
ORT_CPU = Deployment("onnxruntime", "KIND_CPU")
ORT_GPU = Deployment("onnxruntime", "KIND_GPU")
OPENVINO_CPU = Deployment("openvino", "KIND_CPU")

#: A graph of fixed arithmetic runs in ONNX Runtime everywhere.
GRAPH: Mapping[str, Deployment] = {
    "default": ORT_AUTO,
    "cpu": ORT_CPU,
    "t4": ORT_GPU,
    "a100": ORT_GPU,
}

#: Compute capability -> the plan built for it.
_PLANS = {"7.5": "t4.plan", "8.0": "a100.plan"}


def tensorrt_network(*, a100_instances: int = 1) -> Mapping[str, Deployment]:
    """The deployments of a network with a TensorRT plan per GPU and ``a100_instances`` instances on an A100."""
    return {
        "default": ORT_AUTO,
        "cpu": OPENVINO_CPU,
        "t4": _plan(1),
        "a100": _plan(a100_instances),
    }


def _plan(instances: int) -> Deployment:
    return Deployment("tensorrt", "KIND_GPU", instances, "model.plan", _PLANS)
