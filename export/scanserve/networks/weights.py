"""Trained weights on disk: ``<model>/model.safetensors`` beside a manifest that is verified at load.

The weights are not parsed before the sha256 of the file has been verified.  Files are byte-stable: the same tensors and
configuration give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors.torch import load, save
from torch import Tensor

from scanserve.contracts import SetupError

__all__ = [
    "PHANTOMS_NOTICE",
    "Manifest",
    "canonical_json",
    "load_weights",
    "read_manifest",
    "save_weights",
    "sha256_of",
]

#: The notice of weights that were trained on phantoms alone.
PHANTOMS_NOTICE = (
    "Research software. The networks were trained on synthetic phantoms only. Not a medical device; "
    "not for diagnosis."
)

#: safetensors stores several metadata keys in arbitrary order, so there is a single key with canonical JSON.
_METADATA_KEY = "scanserve"
_WEIGHTS_FILE = "model.safetensors"
_MANIFEST_FILE = "manifest.json"


class Manifest(BaseModel):
    """The manifest of a weights file.

    ``config`` holds the fields of the network's configuration dataclass; ``data`` describes the training data;
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
    notice: str = PHANTOMS_NOTICE


def sha256_of(data: bytes) -> str:
    """Hexadecimal sha256 of ``data``."""
    return hashlib.sha256(data).hexdigest()


def canonical_json(content: Mapping[str, Any]) -> str:
    """JSON with sorted keys, two spaces of indent and a newline at the end."""
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def save_weights(directory: Path, state: Mapping[str, Tensor], **fields: Any) -> Manifest:
    """Write weights and manifest into ``directory`` (made if absent).

    Args:
        directory: ``weights/<model>``; its name becomes the manifest's ``model``.
        state: a state dict; tensors are made contiguous and moved to the CPU.
        fields: the fields of :class:`Manifest` except ``model`` and ``sha256``.
    """
    tensors = {name: state[name].detach().cpu().contiguous() for name in sorted(state)}
    config = json.dumps(fields["config"], sort_keys=True)
    data = save(tensors, metadata={_METADATA_KEY: config})
    manifest = Manifest(model=directory.name, sha256=sha256_of(data), **fields)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / _WEIGHTS_FILE).write_bytes(data)
    (directory / _MANIFEST_FILE).write_text(canonical_json(manifest.model_dump()), encoding="utf-8")
    return manifest


def read_manifest(directory: Path) -> Manifest:
    """The manifest in ``directory``.

    Raises:
        SetupError: code ``weights-missing`` or ``weights-manifest``.
    """
    text = _read(directory / _MANIFEST_FILE).decode("utf-8", errors="replace")
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) or "the file"
        raise SetupError(
            "weights-manifest", f"the manifest {directory / _MANIFEST_FILE} is not valid at {where}."
        ) from error


def load_weights(directory: Path) -> tuple[Manifest, dict[str, Tensor]]:
    """The verified manifest and state dict of ``directory``.

    Raises:
        SetupError: code ``weights-missing``, ``weights-manifest`` or ``weights-sha256``.
    """
    manifest = read_manifest(directory)
    data = _read(directory / _WEIGHTS_FILE)
    found = sha256_of(data)
    if found != manifest.sha256:
        raise SetupError(
            "weights-sha256",
            f"the weights {directory / _WEIGHTS_FILE} must have sha256 {manifest.sha256} but have {found}.",
        )
    return manifest, load(data)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise SetupError("weights-missing", f"there are no trained weights at {path}.") from error
