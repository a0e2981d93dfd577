"""Identifiers of DICOM objects, as far as a node keeps them: keyed digests that lead back to nothing.

The key lies in a file of its own beside the queue, so that the queue alone tells nobody which study it speaks of.
"""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

from scanserve.node.durable import write_durably

__all__ = ["Digester", "content_digest"]

_BYTES = 16


class Digester:
    """Digests of identifiers under one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def of_file(cls, path: Path) -> Digester:
        """The digester of a node, whose key is made at its first start."""
        if not path.exists():
            write_durably(path, secrets.token_bytes(32))
        return cls(path.read_bytes())

    def __call__(self, identifier: str) -> str:
        """32 hexadecimal digits, the same for the same identifier."""
        return hashlib.blake2b(identifier.encode(), key=self._key, digest_size=_BYTES).hexdigest()


def content_digest(data: bytes | memoryview) -> str:
    """32 hexadecimal digits of what an object holds."""
    return hashlib.blake2b(data, digest_size=_BYTES).hexdigest()
