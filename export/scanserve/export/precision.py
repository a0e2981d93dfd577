"""The precision gate: a precision below FP32 is served only if the metrics of the task do not drop.

A network is measured in reduced precision and in FP32 on the same studies (``scanserve export precision``).  The
outcome is a :class:`PrecisionVerdict`, stored beside the weights as ``precision-<precision>.json`` and bound to the
measured file by its sha256.  The exporter refuses a file without a verdict that passes.

Metrics are compared in pairs, study by study, since studies differ far more than precisions.  A metric is kept where it
loses at most :data:`ALLOWED` over all studies, and the upper end of the one-sided 95 % interval of the mean loss per
study (Student's t) is at most :data:`MARGIN`: non-inferiority.  Every metric must be kept, so that the probability of
passing a worse network is at most 5 % however many metrics there are (an intersection-union test, Berger 1982).
"""

from __future__ import annotations

import hashlib
import math
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, cast, get_args

import onnx
from onnx import ModelProto, TensorProto
from pydantic import BaseModel, ConfigDict, ValidationError
from scipy import stats

from scanserve.contracts import CONFIGURATIONS, InputError, ModelSpec, SetupError, all_models

__all__ = [
    "ALLOWED",
    "LEAST_STUDIES",
    "MARGIN",
    "Figure",
    "Precision",
    "PrecisionVerdict",
    "check_precisions",
    "precision_named",
    "read_verdict",
    "reduced_types",
    "require_verdict",
    "sha256_of_file",
    "write_verdict",
]

#: Largest loss of a metric in its own unit: half a percentage point of a share, 0.005 of a correlation, 0.005 mm.
ALLOWED = 0.005

#: The largest loss per study that the interval may reach: twice that.
MARGIN = 0.01
#: Confidence of the interval, and the fewest studies that say anything.
CONFIDENCE, LEAST_STUDIES = 0.95, 8

Precision = Literal["half", "bf16", "int8"]
_ROUNDING = 1e-9
#: ONNX types below FP32 and their precision.  UINT8 and INT8 count only as weights or through quantization.
_TYPES: dict[int, Precision] = {
    TensorProto.FLOAT16: "half",
    TensorProto.BFLOAT16: "bf16",
    TensorProto.INT8: "int8",
    TensorProto.UINT8: "int8",
}
_FLOATS = (TensorProto.FLOAT16, TensorProto.BFLOAT16)
_QUANTIZED = frozenset(
    {"QuantizeLinear", "DynamicQuantizeLinear", "ConvInteger", "QLinearConv", "MatMulInteger"}
)


class Figure(BaseModel):
    """A metric of the task in FP32 and in reduced precision; None if undefined.

    ``losses`` holds what each study loses, worse being positive; None where it is defined in FP32 only.  Studies in
    which it is undefined in FP32 are left out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    full: float | None
    reduced: float | None
    at_most: bool = False
    losses: tuple[float | None, ...] = ()

    @property
    def lost(self) -> float:
        """The loss in reduced precision; infinite if the metric is defined in FP32 only."""
        if self.full is None:
            return 0.0
        if self.reduced is None:
            return float("inf")
        return self.reduced - self.full if self.at_most else self.full - self.reduced

    @property
    def upper(self) -> float:
        """The upper end of the one-sided interval of the mean loss per study; infinite from too few studies."""
        found = [loss for loss in self.losses if loss is not None]
        if len(found) < max(len(self.losses), LEAST_STUDIES):
            return float("inf")
        error = statistics.stdev(found) / math.sqrt(len(found))
        return statistics.fmean(found) + float(stats.t.ppf(CONFIDENCE, len(found) - 1)) * error

    @property
    def kept(self) -> bool:
        """Whether little is lost, within the rounding of a sum, and the interval leaves no room for more."""
        if self.full is None:
            return True
        return self.lost <= ALLOWED + _ROUNDING and self.upper <= MARGIN + _ROUNDING

    def __str__(self) -> str:
        word = "kept" if self.kept else "FELL" if self.lost > ALLOWED + _ROUNDING else "NOT SHOWN TO BE KEPT"
        return (
            f"{self.name}: {_text(self.full)} in FP32, {_text(self.reduced)} reduced; "
            f"a study loses at most {self.upper:.4f} ({len(self.losses)} studies, {CONFIDENCE:.0%}): {word}"
        )


class PrecisionVerdict(BaseModel):
    """The effect of reduced precision on the metrics of the task.

    ``sha256`` is that of the measured ONNX file; a hint to the engine (bf16) does not change the file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str
    precision: Precision
    sha256: str
    studies: str
    seeds: tuple[int, ...]
    figures: tuple[Figure, ...]

    @property
    def fallen(self) -> tuple[Figure, ...]:
        """The metrics that dropped too much."""
        return tuple(figure for figure in self.figures if not figure.kept)


def precision_named(name: str) -> Precision:
    """The precision called ``name``; raises InputError, code ``unknown-precision``."""
    for known in get_args(Precision):
        if known == name:
            return cast(Precision, known)
    raise InputError(
        "unknown-precision", f"precision must be one of {', '.join(get_args(Precision))} but is {name!r}."
    )


def write_verdict(weights: Path, verdict: PrecisionVerdict) -> Path:
    """Write a verdict beside the weights of its model; return the path of the file."""
    path = _path(weights, verdict.model, verdict.precision)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(verdict.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return path


def read_verdict(weights: Path, model: str, precision: Precision) -> PrecisionVerdict:
    """The verdict on ``model`` in ``precision``.

    Raises:
        SetupError: code ``precision-unproven`` if there is none or it is not valid.
    """
    path = _path(weights, model, precision)
    try:
        return PrecisionVerdict.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        why = f"there is no {path.name} beside its weights"
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) or "the file"
        why = f"{path.name} is not valid at {where}"
    raise _unproven(model, precision, why)


def require_verdict(weights: Path, model: str, precision: Precision, sha256: str) -> PrecisionVerdict:
    """The verdict that allows ``model`` to be served in ``precision``.

    Raises:
        SetupError: code ``precision-unproven`` if this file was never measured, ``precision-refused`` if a metric
            dropped.
    """
    verdict = read_verdict(weights, model, precision)
    if verdict.sha256 != sha256:
        raise _unproven(model, precision, "its verdict is about another file")
    if verdict.fallen:
        fell = "; ".join(map(_loss, verdict.fallen))
        raise SetupError(
            "precision-refused",
            f"{model} in {precision} must not lose more than {ALLOWED:g} of any figure, nor {MARGIN:g} of a study's, "
            f"but {fell}.",
        )
    return verdict


def check_precisions(repository: Path, weights: Path) -> tuple[str, ...]:
    """Require a verdict on every precision below FP32 in ``repository``; return a line for each that passes.

    Raises:
        SetupError: codes of :func:`require_verdict`.
    """
    passed = []
    for spec in all_models():
        file = repository / spec.name / "1" / "model.onnx"
        for precision in _precisions(spec, file):
            require_verdict(weights, spec.name, precision, sha256_of_file(file))
            passed.append(f"{spec.name}: {precision} keeps every figure")
    return tuple(passed)


def reduced_types(model: ModelProto) -> frozenset[Precision]:
    """The precisions below FP32 in a graph, from its weights, casts and quantizing nodes."""
    found: set[Precision] = {_TYPES[w.data_type] for w in model.graph.initializer if w.data_type in _TYPES}
    for node in model.graph.node:
        if node.op_type in _QUANTIZED:
            found.add("int8")
        if node.op_type == "Cast":
            found |= {_TYPES[a.i] for a in node.attribute if a.name == "to" and a.i in _FLOATS}
    return frozenset(found)


def sha256_of_file(path: Path) -> str:
    """Hexadecimal sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _precisions(spec: ModelSpec, file: Path) -> Iterator[Precision]:
    if file.is_file():
        yield from sorted(reduced_types(onnx.load(file, load_external_data=False)))
    hints = {_hint(spec, configuration) for configuration in CONFIGURATIONS}
    yield from sorted(hints - {None, "f32"})  # type: ignore[type-var, misc]  # a hint is named as a Precision


def _hint(spec: ModelSpec, configuration: str) -> str | None:
    deployment = spec.deployments.get(configuration)
    return None if deployment is None else deployment.parameters.get("precision")


def _path(weights: Path, model: str, precision: str) -> Path:
    return weights / model / f"precision-{precision}.json"


def _unproven(model: str, precision: str, why: str) -> SetupError:
    return SetupError(
        "precision-unproven",
        f"{model} in {precision} must be measured before it is served, but {why}; "
        f"run `scanserve export precision {model} --to {precision}`.",
    )


def _loss(figure: Figure) -> str:
    studies = f"{len(figure.losses)} studies allow a loss of {figure.upper:.4f}"
    return f"{figure.name} goes from {_text(figure.full)} to {_text(figure.reduced)} ({studies})"


def _text(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.4f}"
