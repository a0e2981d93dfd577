"""The DICOM objects of a run: one series per method, each one file in the output folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scanserve.client.dat.denoiser import Slices
from scanserve.client.dat.nmseries import Derived, derive
from scanserve.client.dat.taken import Taken
from scanserve.client.runs.records import own_version
from scanserve.preprocessing.dicom import quiet_pydicom

__all__ = ["SERIES", "Restored", "WrittenObject", "write_series"]

#: Folder of the DICOM objects in the output.
SERIES = "series"


@dataclass(frozen=True, eq=False)
class Restored:
    """What one method made of the slices (5, 64, 64), from 0 to 1."""

    method: str
    title: str
    slices: Slices


@dataclass(frozen=True, eq=False)
class WrittenObject:
    """A restoration and the DICOM object that holds it; ``file`` is relative to the output folder."""

    restored: Restored
    file: str
    series_uid: str
    sop_uid: str


def write_series(
    taken: Taken, restored: Sequence[Restored], folder: Path, now: datetime
) -> list[WrittenObject]:
    """Write every restoration to :data:`SERIES` in ``folder``, which must not hold it yet."""
    (folder / SERIES).mkdir()
    return [_write(taken, made, number, folder, now) for number, made in enumerate(restored, start=1)]


def _write(taken: Taken, made: Restored, number: int, folder: Path, now: datetime) -> WrittenObject:
    counts = taken.selection.put_back(made.slices, taken.tomogram.shape[1:])
    derived = Derived(made.title, made.method == "gaussian", number, own_version())
    ds = derive(taken.tomogram, counts, taken.selection.first, derived, now)
    file = f"{SERIES}/{made.method}.dcm"
    with quiet_pydicom():
        ds.save_as(folder / file, enforce_file_format=True)
    return WrittenObject(made, file, ds.SeriesInstanceUID, ds.SOPInstanceUID)
