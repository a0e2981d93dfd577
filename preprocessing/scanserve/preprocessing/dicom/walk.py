"""The files below a folder, and what is there that is not searched: nothing vanishes without a word."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

from scanserve.preprocessing.dicom.rejects import Rejects

__all__ = ["find_files"]

#: Folders within folders that are searched; exports of real studies have about ten.
DEPTH = 100


def find_files(root: str, rejects: Rejects) -> list[str]:
    """Paths of all files below ``root``, relative to it and in order; links to files count as files.

    Links to folders are not followed, so that every file is met once and no search goes round in a circle.

    Args:
        root: a folder.
        rejects: where is noted what was not searched.
    """
    found: list[str] = []
    waiting = [("", 0)]
    while waiting:
        folder, depth = waiting.pop()
        for entry in _entries(root, folder, rejects):
            path = os.path.join(folder, entry.name)
            if entry.is_symlink():
                _see_link(entry, path, found, rejects)
            elif entry.is_dir():
                if depth < DEPTH:
                    waiting.append((path, depth + 1))
                else:
                    rejects.add("folder-too-deep", "lie too deep to be searched", [path], noun="folder")
            elif entry.is_file():
                found.append(path)
            else:
                rejects.add("special-file", "are of a special kind (pipe, socket or device)", [path])
    return sorted(found)


def _entries(root: str, folder: str, rejects: Rejects) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(os.path.join(root, folder)) as entries:
            yield from entries
    except OSError:
        rejects.add("folder-not-listed", "could not be listed", [folder], noun="folder")


def _see_link(entry: os.DirEntry[str], path: str, found: list[str], rejects: Rejects) -> None:
    with suppress(OSError):  # of a link that leads to itself
        if entry.is_file():
            found.append(path)
            return
        if entry.is_dir():
            reason = "are not followed, so that what they lead to is not read"
            rejects.add("folder-link", reason, [path], noun="link to a folder")
            return
    rejects.add("link-broken", "lead nowhere", [path], noun="link")
