"""The JSON schema of a result, committed beside the models that it comes from."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel

__all__ = ["is_current", "schema_text", "write_or_check"]


def schema_text(model: type[BaseModel]) -> str:
    """The schema (JSON Schema 2020-12) as it should be committed."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **model.model_json_schema(mode="serialization"),
    }
    return json.dumps(schema, indent=1, sort_keys=True) + "\n"


def is_current(model: type[BaseModel], path: Path) -> bool:
    """Whether the committed file is what :func:`schema_text` gives."""
    return path.is_file() and path.read_text(encoding="utf-8") == schema_text(model)


def write_or_check(model: type[BaseModel], path: Path, arguments: list[str]) -> str | None:
    """Write the file; with ``--check`` say what is wrong with it, or None."""
    if arguments == ["--check"]:
        return None if is_current(model, path) else f"{path.name} differs from the models; write it again."
    path.write_text(schema_text(model), encoding="utf-8")
    return None
