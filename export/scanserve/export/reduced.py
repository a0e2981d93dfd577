"""A model repository in which one network has reduced precision, for the precision gate."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from scanserve.contracts import InputError, ModelSpec, find_model
from scanserve.export.configs import config_files, sources_of
from scanserve.export.half import export_half
from scanserve.export.precision import Precision

__all__ = ["ReducedRepository", "reduced_repository"]


@dataclass(frozen=True)
class ReducedRepository:
    """A complete ``repository``, the ONNX ``file`` under test, and the ``configuration`` in which to serve it.

    FP16 is measured with ONNX Runtime, which rounds after every layer as the graph states.  The bf16 hint is a feature
    of OpenVINO, the engine of the configuration ``cpu``.
    """

    repository: Path
    file: Path
    configuration: str


@contextmanager
def reduced_repository(
    model: str, precision: Precision, repository: Path, weights: Path
) -> Iterator[ReducedRepository]:
    """A temporary copy of ``repository`` with the network ``model`` in ``precision``.

    Raises:
        InputError: code ``unknown-model``, ``precision-kind`` or ``precision-unbuildable``.
        SetupError: codes of :func:`export_half`.
    """
    spec = find_model(model)
    if spec.kind != "network":
        raise InputError("precision-kind", f"model must be a network but {model} is a {spec.kind}.")
    with tempfile.TemporaryDirectory(prefix="scanserve-precision-") as folder:
        copy = Path(folder, "repository")
        shutil.copytree(repository, copy)
        (copy / model / "canary.json").unlink(missing_ok=True)  # its answer is that of FP32
        file = copy / model / "1" / "model.onnx"
        if precision == "half":
            yield ReducedRepository(copy, export_half(model, file, weights), "default")
        elif precision == "bf16":
            _hint(copy, spec, weights)
            yield ReducedRepository(copy, file, "cpu")
        else:
            raise InputError("precision-unbuildable", f"precision must be half or bf16 but is {precision!r}.")


def _hint(repository: Path, spec: ModelSpec, weights: Path) -> None:
    """Write the configurations of ``spec`` with OpenVINO's bf16 hint."""
    cpu = replace(spec.deployments["cpu"], parameters={"precision": "bf16"})
    hinted = replace(spec, deployments={**spec.deployments, "cpu": cpu})
    for path, text in config_files(hinted, sources_of(spec, weights)).items():
        (repository / spec.name / path).write_text(text, encoding="utf-8")
