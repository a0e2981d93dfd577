"""Reading results as the application that wrote them describes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from scanserve.contracts import InputError
from scanserve.evaluation.studies import read_object

__all__ = ["first_fault", "read_result_of"]

T = TypeVar("T", bound=BaseModel)


def read_result_of(path: Path, model: type[T], kind: str, versions: Sequence[str]) -> T:
    """Read a result of one kind and of one of the versions that its model reads.

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
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise InputError("not-a-result", f"{path} is not a result: {first_fault(error)}.") from error


def first_fault(error: ValidationError) -> str:
    """The first of what is wrong, with its place."""
    fault = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, fault['loc'])) or 'as a whole'}: {fault['msg'].rstrip('.')}"
