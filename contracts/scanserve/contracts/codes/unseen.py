"""Codes of what may belong to a study and was not seen: unreadable files, and folders that are not searched."""

from __future__ import annotations

from collections.abc import Mapping

from scanserve.contracts.codes.entry import Entry
from scanserve.contracts.codes.study import STUDY

__all__ = ["UNSEEN"]

#: They are counted among the skipped files, and each is a warning as well.
UNSEEN: Mapping[str, Entry] = {
    "encoding-mismatch": Entry(
        (
            "Images whose transfer syntax is not that of their pixels: compressed ones said to be uncompressed, or "
            "the reverse."
        ),
        "Export them again.",
    ),
    "folder-link": Entry(
        "Links to folders, which are not followed.",
        "Name the folder itself, or copy it into the study.",
    ),
    "folder-not-listed": Entry(
        "Folders that the operating system did not list.",
        "Check their permissions.",
    ),
    "folder-too-deep": Entry(
        "Folders that lie more than a hundred folders deep, which are not searched.",
        "Name one of the folders on the way.",
    ),
    "link-broken": Entry(
        "Links that lead nowhere.",
        "Copy what they stood for into the study.",
    ),
    "too-large": Entry(
        "Files that state more pixels than an image has or than they can hold, or whose header does not end.",
        "Copy or export them again.",
    ),
    "unreadable": Entry(
        "Files that could not be parsed as DICOM.",
        "Copy or export them again.",
    ),
    # Also errors, where that shows only when pixels are read.
    **{code: STUDY[code] for code in ("bits-invalid", "unreadable-file")},
}
