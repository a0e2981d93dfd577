"""What of a result goes back to the peers: every DICOM object that an application wrote into its output folder."""

from __future__ import annotations

from pathlib import Path

__all__ = ["FOLDERS", "returned_files"]

#: Folders of an output that hold DICOM objects, as the applications name them.
FOLDERS = ("dicom", "series")


def returned_files(result: Path) -> list[str]:
    """The objects to return, as paths below the folder of the result, in order."""
    return sorted(
        file.relative_to(result).as_posix() for name in FOLDERS for file in (result / name).rglob("*.dcm")
    )
