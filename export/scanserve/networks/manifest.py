"""The manifest of trained weights; reading it loads no framework."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scanserve.contracts import SetupError, notice_of, trained_on_text
from scanserve.contracts.jsonrecord import RecordError, read_record

__all__ = ["MANIFEST_FILE", "Manifest", "read_artefact", "read_manifest"]

MANIFEST_FILE = "manifest.json"


@dataclass(frozen=True)
class Manifest:
    """The manifest of a weights file.

    ``config`` holds the fields of the network's configuration dataclass; ``data`` describes the training data;
    ``trained_on`` names its sources in a few words each, those of the weights that training started from among them;
    ``metrics`` holds the measured metrics and their data.

    Raises:
        RecordError: where the sha256 is none, or no source is named.
    """

    model: str
    sha256: str
    seed: int
    config: dict[str, int]
    data: dict[str, Any]
    metrics: dict[str, Any]
    licence: str
    intended_use: str
    training_command: str
    trained_on: tuple[str, ...]
    commit: str | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch("[0-9a-f]{64}", self.sha256):
            raise RecordError(f"must be 64 hexadecimal digits but is {self.sha256!r}", "sha256")
        if not self.trained_on:
            raise RecordError("must name a source but is empty", "trained_on")

    @property
    def notice(self) -> str:
        """The notice on what these weights make."""
        return notice_of([trained_on_text(self.trained_on)])


def read_manifest(directory: Path) -> Manifest:
    """The manifest in ``directory``.

    Raises:
        SetupError: code ``weights-missing`` or ``weights-manifest``.
    """
    content = read_artefact(directory / MANIFEST_FILE)
    try:
        return read_record(Manifest, content)
    except RecordError as error:
        where = error.place or "the file"
        raise SetupError(
            "weights-manifest",
            f"the manifest {directory / MANIFEST_FILE} is not valid at {where}: it {error.reason}.",
        ) from error


def read_artefact(path: Path) -> bytes:
    """The content of a file of trained weights; raises ``SetupError`` with code ``weights-missing``."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise SetupError("weights-missing", f"there are no trained weights at {path}.") from error
