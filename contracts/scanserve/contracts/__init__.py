"""Frozen contracts of every served model: the single source for ONNX, Triton, the client and the docs."""

from scanserve.contracts.application import Application
from scanserve.contracts.errors import (
    EligibilityError,
    InferenceError,
    InputError,
    ResultError,
    ScanserveError,
    ServerError,
    SetupError,
    StudyError,
)
from scanserve.contracts.model import CONFIGURATIONS, Deployment, EnsembleStep, ModelSpec
from scanserve.contracts.notice import NOT_FOR_DIAGNOSIS, TRAINED_ON, notice_of, trained_on_text
from scanserve.contracts.registry import (
    APPLICATIONS,
    all_models,
    find_application,
    find_model,
    owner_of,
    part,
    parts,
)
from scanserve.contracts.telemetry import switch_off_telemetry
from scanserve.contracts.tensor import DTYPES, Axis, TensorSpec

__all__ = [
    "APPLICATIONS",
    "CONFIGURATIONS",
    "DTYPES",
    "NOT_FOR_DIAGNOSIS",
    "TRAINED_ON",
    "Application",
    "Axis",
    "Deployment",
    "EligibilityError",
    "EnsembleStep",
    "InferenceError",
    "InputError",
    "ModelSpec",
    "ResultError",
    "ScanserveError",
    "ServerError",
    "SetupError",
    "StudyError",
    "TensorSpec",
    "all_models",
    "find_application",
    "find_model",
    "notice_of",
    "owner_of",
    "part",
    "parts",
    "trained_on_text",
]

switch_off_telemetry()
