"""Writing of a study: the short and the long acquisition as DICOM NM, and ``truth.json``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scanserve.contracts.dat import REFERENCE_MINUTES, SHORT_MINUTES
from scanserve.phantoms.dat.dicom import LARGEST, NmSeries, nm_dataset
from scanserve.phantoms.dat.scan import Scan
from scanserve.phantoms.dat.truth import study_truth
from scanserve.phantoms.folder import whole_or_nothing
from scanserve.preprocessing.dat import select_slices

__all__ = ["write_study"]


def write_study(out: str | Path, seed: int = 7) -> Path:
    """Write the study of ``seed`` into the folder ``out`` and return it; the same seed gives the same bytes.

    Args:
        out: a new or empty folder; it appears only when the study is complete.
        seed: which synthetic patient.

    Raises:
        InputError: codes ``out-not-empty``, ``out-not-writable`` or ``disk-full``.
    """
    target, scan = Path(out), Scan.sample(seed)
    with whole_or_nothing(target) as folder:
        gain = LARGEST / REFERENCE_MINUTES / max(float(scan.short.max()), float(scan.reference.max()))
        short, long = (
            _stored(scan.short, SHORT_MINUTES * gain),
            _stored(scan.reference, REFERENCE_MINUTES * gain),
        )
        selection = select_slices(short.astype(np.float32))
        _write(folder / "short.dcm", scan, 101, SHORT_MINUTES, short)
        _write(folder / "reference.dcm", scan, 102, REFERENCE_MINUTES, long)
        reference = selection.cut(long * np.float32(SHORT_MINUTES / REFERENCE_MINUTES))
        expected = selection.cut(scan.expected * np.float32(SHORT_MINUTES * gain))
        truth = json.dumps(study_truth(scan, selection, reference, expected), separators=(",", ":"))
        (folder / "truth.json").write_text(truth, encoding="utf-8")
    return target


def _stored(per_minute: npt.NDArray[np.float32], gain: float) -> npt.NDArray[np.uint16]:
    return np.rint(per_minute * np.float32(gain)).astype(np.uint16)


def _write(path: Path, scan: Scan, number: int, minutes: int, stored: npt.NDArray[np.uint16]) -> None:
    counts = round(scan.protocol.counts * minutes / REFERENCE_MINUTES)
    series = NmSeries(scan.head.seed, number, f"DaTSCAN {minutes} min", minutes, counts, scan.grid)
    nm_dataset(series, stored).save_as(path, enforce_file_format=True)
