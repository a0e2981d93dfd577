"""The JSON schema of :class:`~scanserve.client.ccta.result.Result`, committed as ``result.schema.json``.

``python -m scanserve.client.ccta.schema`` writes it; with ``--check`` it fails when that file drifted.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from scanserve.client.ccta.result import Result

__all__ = ["SCHEMA_PATH", "is_current", "schema_text"]

SCHEMA_PATH = Path(__file__).with_name("result.schema.json")


def schema_text() -> str:
    """The schema (JSON Schema 2020-12) as it should be committed."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Result.model_json_schema(mode="serialization"),
    }
    return json.dumps(schema, indent=1, sort_keys=True) + "\n"


def is_current() -> bool:
    """Whether the committed file is what :func:`schema_text` gives."""
    return SCHEMA_PATH.is_file() and SCHEMA_PATH.read_text(encoding="utf-8") == schema_text()


def _main(arguments: list[str]) -> str | None:
    if arguments == ["--check"]:
        return None if is_current() else f"{SCHEMA_PATH.name} differs from the models; write it again."
    SCHEMA_PATH.write_text(schema_text(), encoding="utf-8")
    return None


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
