"""The manifest of trained weights; reading it loads no framework."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scanserve.contracts import SetupError, notice_of, trained_on_text

__all__ = ["MANIFEST_FILE", "Manifest", "read_artefact", "read_manifest"]

MANIFEST_FILE = "manifest.json"


class Manifest(BaseModel):
    """The manifest of a weights file.

    ``config`` holds the fields of the network's configuration dataclass; ``data`` describes the training data;
    ``trained_on`` names its sources in a few words each, those of the weights that training started from among them;
    ``metrics`` holds the measured metrics and their data.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    seed: int
    config: dict[str, int]
    data: dict[str, Any]
    metrics: dict[str, Any]
    licence: str
    intended_use: str
    training_command: str
    commit: str | None = None
    trained_on: tuple[str, ...] = Field(min_length=1)

    @property
    def notice(self) -> str:
        """The notice on what these weights make."""
        return notice_of([trained_on_text(self.trained_on)])


def read_manifest(directory: Path) -> Manifest:
    """The manifest in ``directory``.

    Raises:
        SetupError: code ``weights-missing`` or ``weights-manifest``.
    """
    text = read_artefact(directory / MANIFEST_FILE).decode("utf-8", errors="replace")
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) or "the file"
        raise SetupError(
            "weights-manifest", f"the manifest {directory / MANIFEST_FILE} is not valid at {where}."
        ) from error


def read_artefact(path: Path) -> bytes:
    """The content of a file of trained weights; raises ``SetupError`` with code ``weights-missing``."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise SetupError("weights-missing", f"there are no trained weights at {path}.") from error
