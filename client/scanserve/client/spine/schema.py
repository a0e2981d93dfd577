"""The JSON schema of :class:`~scanserve.client.spine.result.Result`, committed as ``result.schema.json``.

``python -m scanserve.client.spine.schema`` writes it; with ``--check`` it fails when that file drifted.
"""

from __future__ import annotations

import sys
from pathlib import Path

from scanserve.client.runs.schema import write_or_check
from scanserve.client.spine.result import Result

__all__ = ["SCHEMA_PATH"]

SCHEMA_PATH = Path(__file__).with_name("result.schema.json")


if __name__ == "__main__":
    sys.exit(write_or_check(Result, SCHEMA_PATH, sys.argv[1:]))
