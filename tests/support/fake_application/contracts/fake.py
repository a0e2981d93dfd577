"""The contract of the fake application: one graph that doubles numbers."""

from scanserve.contracts.application import Application
from scanserve.contracts.model import Deployment, ModelSpec
from scanserve.contracts.tensor import Axis, TensorSpec

NUMBERS = (Axis("number"),)
DOUBLE = ModelSpec(
    "fake_double",
    "Twice the numbers.",
    "graph",
    (TensorSpec("numbers", "FP32", NUMBERS, "Any numbers."),),
    (TensorSpec("doubled", "FP32", NUMBERS, "Twice each of them."),),
    deployments={
        "default": Deployment("onnxruntime", "KIND_AUTO"),
        "cpu": Deployment("onnxruntime", "KIND_CPU"),
        "t4": Deployment("onnxruntime", "KIND_GPU"),
        "a100": Deployment("onnxruntime", "KIND_GPU"),
    },
)
FAKE = Application("fake", "An application that doubles numbers", (DOUBLE,))
