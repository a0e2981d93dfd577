"""UIDs that are the same whenever the same thing is named."""

from __future__ import annotations

import uuid

from pydicom.uid import UID

__all__ = ["is_uid", "shown_uid", "uid_of", "valid_uid"]


def uid_of(*parts: str) -> UID:
    """The UID of what ``parts`` name: below 2.25, the root of UUIDs (PS3.5, B.2).

    Example:
        >>> uid_of("a", "b") == uid_of("a", "b"), uid_of("a", "b") == uid_of("ab")
        (True, False)
    """
    return UID(f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, chr(0).join(parts)).int}")


def is_uid(text: str) -> bool:
    """Whether ``text`` may stand as a UID."""
    return UID(text, validation_mode=0).is_valid


def valid_uid(text: str, *name: str) -> UID:
    """``text`` as a UID; where it is none, the UID of what it and ``name`` say."""
    return UID(text) if text and is_uid(text) else uid_of(*name, text)


def shown_uid(text: str, *name: str) -> str:
    """``text`` as it may stand outside of DICOM: a UID, or nothing; other text is replaced, since it may be a name."""
    return str(valid_uid(text, *name)) if text else ""
