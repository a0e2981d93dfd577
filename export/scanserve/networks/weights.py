"""Trained weights on disk: ``<model>/model.safetensors`` beside a manifest that is verified at load.

The weights are not parsed before the sha256 of the file has been verified.  Files are byte-stable: the same tensors and
configuration give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from safetensors.torch import load, save
from torch import Tensor

from scanserve.contracts import SetupError
from scanserve.contracts.jsonrecord import read_record
from scanserve.networks.manifest import MANIFEST_FILE, Manifest, read_artefact, read_manifest

__all__ = ["canonical_json", "load_weights", "save_weights", "sha256_of"]

#: safetensors stores several metadata keys in arbitrary order, so there is a single key with canonical JSON.
_METADATA_KEY = "scanserve"
_WEIGHTS_FILE = "model.safetensors"


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

    Raises:
        RecordError: for fields that a manifest does not have; nothing is written that could not be read.
    """
    tensors = {name: state[name].detach().cpu().contiguous() for name in sorted(state)}
    config = json.dumps(fields["config"], sort_keys=True)
    data = save(tensors, metadata={_METADATA_KEY: config})
    content = {"model": directory.name, "sha256": sha256_of(data), **fields}
    manifest = read_record(Manifest, canonical_json(content).encode("utf-8"))
    directory.mkdir(parents=True, exist_ok=True)
    (directory / _WEIGHTS_FILE).write_bytes(data)
    (directory / MANIFEST_FILE).write_text(canonical_json(asdict(manifest)), encoding="utf-8")
    return manifest


def load_weights(directory: Path) -> tuple[Manifest, dict[str, Tensor]]:
    """The verified manifest and state dict of ``directory``.

    Raises:
        SetupError: code ``weights-missing``, ``weights-manifest`` or ``weights-sha256``.
    """
    manifest = read_manifest(directory)
    data = read_artefact(directory / _WEIGHTS_FILE)
    found = sha256_of(data)
    if found != manifest.sha256:
        raise SetupError(
            "weights-sha256",
            f"the weights {directory / _WEIGHTS_FILE} must have sha256 {manifest.sha256} but have {found}.",
        )
    return manifest, load(data)
