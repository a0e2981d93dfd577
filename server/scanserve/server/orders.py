"""What a guardian is told to do, passed as one line of JSON.  Standard library only: the guardian uses it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

__all__ = ["Orders"]


@dataclass(frozen=True)
class Orders:
    """How to start one server process and what to remove after it.

    Attributes:
        command: the program and its arguments.
        environment: the server's environment.
        log_path: the file to which the output of the server and of its guardian is appended.
        private_folder: the working folder of both, removed at the end.
        shm_prefix: the prefix of the server's shared-memory regions, removed at the end.
        grace_s: the time in seconds that the server is given to end by itself.
        secrets: the texts to blank in the server's command line; ``command`` holds them too.
    """

    command: tuple[str, ...] = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)
    log_path: Path
    private_folder: Path
    shm_prefix: str
    grace_s: float
    secrets: tuple[str, ...] = field(repr=False)

    def to_json(self) -> str:
        """These orders as one line of JSON, without a line break at the end."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> Orders:
        """Read the orders that :meth:`to_json` wrote.

        Raises:
            ValueError: where ``text`` is not a JSON object with exactly the names of the fields.
        """
        content = json.loads(text)
        names = {each.name for each in fields(cls)}
        if not isinstance(content, dict) or content.keys() != names:
            raise ValueError(f"orders must be a JSON object with the names {', '.join(sorted(names))}.")
        return cls(
            command=tuple(content["command"]),
            environment=content["environment"],
            log_path=Path(content["log_path"]),
            private_folder=Path(content["private_folder"]),
            shm_prefix=content["shm_prefix"],
            grace_s=float(content["grace_s"]),
            secrets=tuple(content["secrets"]),
        )
