"""Reading of truths and results into an application's records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from scanserve.contracts import InputError
from scanserve.evaluation.studies import read_object

__all__ = ["TruthRecord", "read_result_of", "read_truth_of", "validated"]

T = TypeVar("T", bound=BaseModel)


class TruthRecord(BaseModel):
    """A part of a truth: frozen, without NaN; fields that the evaluation does not need are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


def read_result_of(path: Path, model: type[T], kind: str, versions: Sequence[str]) -> T:
    """Read a result of the given kind and of one of the given versions.

    Raises:
        InputError: code ``file-missing``, ``not-a-result`` or ``result-version``.
    """
    content = read_object(path, "not-a-result")
    if content.get("kind") != kind:
        raise InputError("not-a-result", f"{path} must be of kind {kind} but is of {content.get('kind')!r}.")
    came = content.get("schema_version")
    if came not in versions:
        known = " or ".join(versions)
        raise InputError("result-version", f"{path} must have version {known} but has {came!r}.")
    return validated(content, model, path, "result", "not-a-result")


def read_truth_of(path: Path, model: type[T], kind: str, version: object) -> T:
    """Read a truth of the given kind and version.

    Raises:
        InputError: code ``file-missing``, ``not-a-truth`` or ``truth-version``.
    """
    content = read_object(path, "not-a-truth")
    if content.get("kind") != kind:
        raise InputError("not-a-truth", f"{path} must be of kind {kind} but is of {content.get('kind')!r}.")
    if content.get("version") != version:
        raise InputError(
            "truth-version", f"{path} must have version {version} but has {content.get('version')!r}."
        )
    return validated(content, model, path, "truth", "not-a-truth")


def validated(content: Mapping[str, Any], model: type[T], path: Path, name: str, code: str) -> T:
    """Validate the content of a file as a ``model``; ``name`` says what the file should be.

    Raises:
        InputError: ``code``, with the first fault and its location.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise InputError(code, f"{path} is not a {name}: {_first_fault(error)}.") from error


def _first_fault(error: ValidationError) -> str:
    """The first fault, with its location."""
    fault = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, fault['loc'])) or 'as a whole'}: {fault['msg'].rstrip('.')}"
