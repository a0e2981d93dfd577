"""The DICOM objects of a run: one series per method, each one file in the output folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scanserve.client.dat.denoiser import Slices
from scanserve.client.dat.nmseries import Derived, derive
from scanserve.client.dat.privacy import deidentify_series
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
    taken: Taken,
    restored: Sequence[Restored],
    folder: Path,
    now: datetime,
    notice: str,
    key: Sequence[str] = (),
    *,
    deidentify: bool = False,
) -> list[WrittenObject]:
    """Write every restoration to :data:`SERIES` in ``folder``, which must not hold it yet.

    Args:
        taken: what was restored.
        restored: what every method made of it.
        folder: of the output.
        now: the time of making.
        notice: of the result.
        key: what the UIDs depend on beside the source and the method: the models.
        deidentify: whether the objects name nobody.
    """
    (folder / SERIES).mkdir()
    writer = _Writer(taken, folder, now, notice, tuple(key), deidentify)
    return [writer.write(made, number) for number, made in enumerate(restored, start=1)]


@dataclass(frozen=True, eq=False)
class _Writer:
    taken: Taken
    folder: Path
    now: datetime
    notice: str
    key: tuple[str, ...]
    deidentify: bool

    def write(self, made: Restored, number: int) -> WrittenObject:
        """Write one restoration."""
        counts = self.taken.selection.put_back(made.slices, self.taken.tomogram.shape[1:])
        derived = Derived(
            made.title,
            made.method == "gaussian",
            number,
            own_version(),
            self.notice,
            (made.method, *self.key),
        )
        ds = derive(self.taken.tomogram, counts, self.taken.selection.first, derived, self.now)
        if self.deidentify:
            deidentify_series(ds, made.title)
        file = f"{SERIES}/{made.method}.dcm"
        with quiet_pydicom():
            ds.save_as(self.folder / file, enforce_file_format=True)
        return WrittenObject(made, file, ds.SeriesInstanceUID, ds.SOPInstanceUID)
