"""What of a result goes back to the peers: every DICOM object that an application wrote into its output folder."""

from __future__ import annotations

from pathlib import Path

__all__ = ["FOLDER", "returned_files"]

#: The folder of an output that holds all its DICOM objects.
FOLDER = "dicom"


def returned_files(result: Path) -> list[str]:
    """The objects to return, as paths below the folder of the result, in order."""
    return sorted(file.relative_to(result).as_posix() for file in (result / FOLDER).rglob("*.dcm"))
