"""Walking a folder of any shape: every file becomes images of the kind wanted, or is accounted for as skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from scanserve.contracts import StudyError
from scanserve.preprocessing.dicom.quiet import quiet_pydicom
from scanserve.preprocessing.dicom.rejects import FileRejectedError, Rejects
from scanserve.preprocessing.dicom.walk import find_files

__all__ = ["Progress", "scan_folder"]

Image = TypeVar("Image")

Progress = Callable[[int, int], None]
ReadFile = Callable[[str, str], list[Image]]

#: Files whose headers are read at the same time: hides the latency of network shares and cold disks.
READERS = 4
#: Files that a reader takes at a time: headers are read in less time than it takes to hand one over.
SHARE = 32
#: ``progress`` is called once for so many files.
PROGRESS_EVERY = 64


def scan_folder(
    path: Path, read: ReadFile[Image], progress: Progress | None = None
) -> tuple[Path, list[Image], Rejects]:
    """Read the headers of all files below ``path`` (a folder, or one file).

    Args:
        path: what to scan.
        read: the images of one file, from the folder and the file's path below it; raises FileRejectedError.
        progress: called with the number of files read and the number of files.

    Returns:
        The folder that relative paths refer to, the images, and the files rejected, with what was not searched.

    Raises:
        StudyError: code ``study-missing`` or ``empty-folder``.
    """
    images: list[Image] = []
    rejects = Rejects()
    root, names = _files(path, rejects)
    with quiet_pydicom():
        for done, (name, outcome) in enumerate(_read_all(str(root), names, read), start=1):
            if isinstance(outcome, FileRejectedError):
                rejects.add(outcome.code, outcome.reason, [name])
            else:
                images.extend(outcome)
            if progress and (done % PROGRESS_EVERY == 0 or done == len(names)):
                progress(done, len(names))
    return root, images, rejects


def _files(path: Path, rejects: Rejects) -> tuple[Path, list[str]]:
    if path.is_file():
        return path.parent, [path.name]
    if not path.is_dir():
        raise StudyError("study-missing", f"the study folder {path.name!r} does not exist.")
    names = find_files(str(path), rejects)
    if not names:
        unseen = f": {rejects.summary()}" if rejects.groups() else ""
        raise StudyError("empty-folder", f"the study folder {path.name!r} holds no files{unseen}.")
    return path, names


def _read_all(
    root: str, names: list[str], read: ReadFile[Image]
) -> Iterator[tuple[str, list[Image] | FileRejectedError]]:
    def read_or_reject(name: str) -> list[Image] | FileRejectedError:
        try:
            return read(root, name)
        except FileRejectedError as rejected:
            return rejected

    def read_all(some: list[str]) -> list[list[Image] | FileRejectedError]:
        return [read_or_reject(name) for name in some]

    shares = [names[start : start + SHARE] for start in range(0, len(names), SHARE)]
    with ThreadPoolExecutor(READERS) as pool:
        for share, outcomes in zip(shares, pool.map(read_all, shares), strict=True):
            yield from zip(share, outcomes, strict=True)
