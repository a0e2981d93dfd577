"""Readers of a series of DICOM files, each from a folder to Hounsfield units ``[z, y, x]``."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scanserve.perf.peers import Peer

__all__ = ["SYNTAXES", "compress", "read_nifti", "readers", "same_slices"]

Hounsfield = npt.NDArray
#: Compressed transfer syntaxes by the name in the table: UID, and who compresses.
SYNTAXES = {
    "JPEG 2000": ("1.2.840.10008.1.2.4.90", "pydicom"),
    "JPEG-LS": ("1.2.840.10008.1.2.4.80", "pydicom"),
    "RLE": ("1.2.840.10008.1.2.5", "pydicom"),
    "JPEG Lossless": ("1.2.840.10008.1.2.4.70", "dcmcjpeg"),
}


def readers(folder: Path) -> list[Peer]:
    """Every reader on the files of ``folder``."""
    return [
        Peer("SimpleITK (GDCM)", lambda: _simpleitk(folder)),
        Peer("pydicom alone", lambda: _pydicom(folder)),
        Peer("MONAI's PydicomReader", lambda: _monai(folder)),
        Peer("dcm2niix, and its file read", lambda: _dcm2niix(folder)),
    ]


def compress(files: Sequence[Path], folder: Path, syntax: str) -> None:
    """Write ``files`` to ``folder`` in the transfer syntax of that name, without loss.

    Raises:
        OSError: the program that compresses is missing.
        RuntimeError: it failed.
    """
    import pydicom

    uid, maker = SYNTAXES[syntax]
    folder.mkdir(parents=True)
    for number, file in enumerate(files):
        target = folder / f"{number:05d}.dcm"
        if maker == "pydicom":
            dataset = pydicom.dcmread(file)
            dataset.compress(uid, generate_instance_uid=False)
            dataset.save_as(target)
        else:
            done = subprocess.run([maker, "+un", str(file), str(target)], capture_output=True, text=True)
            if done.returncode:
                raise RuntimeError(done.stderr.strip() or f"{maker} failed")


def same_slices(ours: Hounsfield, theirs: Hounsfield) -> str:
    """How far two volumes agree; a reader that does not sort its slices is told from one that reads others."""
    if ours.shape != theirs.shape:
        return f"shapes differ: {ours.shape} against {theirs.shape}"
    gap = np.abs(ours.astype(np.float32) - theirs.astype(np.float32))
    if gap.any() and _bag(ours) == _bag(theirs):
        return "the same slices in the order of its files"
    return f"differs by at most {gap.max():g} HU, {100 * np.mean(gap > 0):.2g} % of voxels"


def read_nifti(file: Path) -> Hounsfield:
    """The values ``[z, y, x]`` of an uncompressed NIfTI-1 file of int16, rows from anterior to posterior."""
    raw = file.read_bytes()
    columns, rows, slices = np.frombuffer(raw[42:48], "<i2")
    offset, slope, intercept = np.frombuffer(raw[108:120], "<f4")
    values = np.frombuffer(raw[int(offset) :], "<i2").reshape(slices, rows, columns)[:, ::-1]
    return values * np.int16(slope or 1) + np.int16(intercept)


def _bag(volume: Hounsfield) -> list[bytes]:
    return sorted(np.ascontiguousarray(image, np.int16).tobytes() for image in volume)


def _simpleitk(folder: Path) -> Callable[[], Hounsfield]:
    import SimpleITK

    def read() -> Hounsfield:
        reader = SimpleITK.ImageSeriesReader()
        reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
        return SimpleITK.GetArrayFromImage(reader.Execute())

    return read


def _pydicom(folder: Path) -> Callable[[], Hounsfield]:
    import pydicom

    def read() -> Hounsfield:
        datasets = [pydicom.dcmread(file) for file in folder.iterdir()]
        datasets.sort(key=lambda dataset: float(dataset.ImagePositionPatient[2]))
        slope, intercept = (float(datasets[0].get(name)) for name in ("RescaleSlope", "RescaleIntercept"))
        return np.stack([(dataset.pixel_array * slope + intercept).astype(np.int16) for dataset in datasets])

    return read


def _monai(folder: Path) -> Callable[[], Hounsfield]:
    from monai.data import PydicomReader

    def read() -> Hounsfield:
        reader = PydicomReader()
        values, _ = reader.get_data(reader.read(str(folder)))
        return np.asarray(values).transpose(2, 1, 0)

    return read


def _dcm2niix(folder: Path) -> Callable[[], Hounsfield]:
    import dcm2niix

    def read() -> Hounsfield:
        with tempfile.TemporaryDirectory(prefix="scanserve-nifti-") as out:
            command = [dcm2niix.bin, "-z", "n", "-b", "n", "-f", "out", "-o", out, str(folder)]
            subprocess.run(command, capture_output=True, check=True)
            return read_nifti(Path(out, "out.nii"))

    return read
