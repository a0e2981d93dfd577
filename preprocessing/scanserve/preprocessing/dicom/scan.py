"""Walking a folder of any shape: every file becomes images of the kind wanted, or is accounted for as skipped."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from scanserve.contracts import StudyError
from scanserve.preprocessing.dicom.imagefile import FileRejectedError
from scanserve.preprocessing.dicom.quiet import quiet_pydicom
from scanserve.preprocessing.findings import Skipped

__all__ = ["Progress", "Rejects", "scan_folder"]

T = TypeVar("T")

Progress = Callable[[int, int], None]
Read = Callable[[str, str], list[T]]

#: Files whose headers are read at the same time: hides the latency of network shares and cold disks.
READERS = 4
#: ``progress`` is called once for so many files.
PROGRESS_EVERY = 64


@dataclass
class Rejects:
    """Files that are not used, gathered by reason."""

    _files: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, code: str, reason: str, files: Iterable[str]) -> None:
        """Add ``files`` (relative paths); ``reason`` completes the sentence "N files ..."."""
        self._files[code, reason].extend(files)

    def groups(self) -> tuple[Skipped, ...]:
        """One group per reason, the largest first."""
        groups = [
            Skipped(code, f"{_counted(len(files))} {_agree(reason, len(files))}.", len(files))
            for (code, reason), files in self._files.items()
            if files
        ]
        return tuple(sorted(groups, key=lambda group: (-group.files, group.code, group.message)))


def scan_folder(path: Path, read: Read[T], progress: Progress | None = None) -> tuple[Path, list[T], Rejects]:
    """Read the headers of all files below ``path`` (a folder, or one file).

    Args:
        path: what to scan.
        read: the images of one file, from the folder and the file's path below it; raises FileRejectedError.
        progress: called with the number of files read and the number of files.

    Returns:
        The folder that relative paths refer to, the images, and the files rejected.

    Raises:
        StudyError: code ``path-not-found`` or ``empty-folder``.
    """
    root, names = _files(path)
    images: list[T] = []
    rejects = Rejects()
    with quiet_pydicom():
        for done, (name, outcome) in enumerate(_read_all(str(root), names, read), start=1):
            if isinstance(outcome, FileRejectedError):
                rejects.add(outcome.code, outcome.reason, [name])
            else:
                images.extend(outcome)
            if progress and (done % PROGRESS_EVERY == 0 or done == len(names)):
                progress(done, len(names))
    return root, images, rejects


def _files(path: Path) -> tuple[Path, list[str]]:
    if path.is_file():
        return path.parent, [path.name]
    if not path.is_dir():
        raise StudyError("path-not-found", f"the study folder {path.name!r} does not exist.")
    names = sorted(_walk(path))
    if not names:
        raise StudyError("empty-folder", f"the study folder {path.name!r} holds no files.")
    return path, names


def _walk(root: Path) -> Iterator[str]:
    for folder, _, files in os.walk(root):
        for file in files:
            full = os.path.join(folder, file)
            if os.path.isfile(full):
                yield os.path.relpath(full, root)


def _read_all(
    root: str, names: list[str], read: Read[T]
) -> Iterator[tuple[str, list[T] | FileRejectedError]]:
    def one(name: str) -> list[T] | FileRejectedError:
        try:
            return read(root, name)
        except FileRejectedError as rejected:
            return rejected

    with ThreadPoolExecutor(READERS) as pool:
        yield from zip(names, pool.map(one, names), strict=True)


def _counted(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def _agree(reason: str, count: int) -> str:
    """The reason with its verb in the singular for one file."""
    if count != 1:
        return reason
    verb, _, rest = reason.partition(" ")
    return f"{ {'are': 'is', 'hold': 'holds', 'do': 'does', 'belong': 'belongs'}.get(verb, verb) } {rest}"
