"""Volumes and masks from image files: NIfTI, NRRD and MetaImage, whatever SimpleITK reads.

Frames.  SimpleITK gives every format in LPS: it turns what NIfTI states in RAS, and NRRD in the space that its header
names.  Axes are then brought into the order and direction of :class:`~scanserve.preprocessing.Volume` without
interpolation; an image that lies oblique to the patient is refused, as DICOM series are.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt

from scanserve.contracts import InputError, SetupError
from scanserve.contracts.ct import AIR_HU, MAX_HU
from scanserve.geometry import Grid
from scanserve.preprocessing import Volume

__all__ = ["from_first_voxel", "least_value", "ras_to_lps", "read_mask", "read_volume", "same_grid"]

#: How far an image may lie from the patient's axes at its far corner, voxels: rounding of a header stays far below.
SKEW_VOXELS = 0.5


def read_volume(file: Path, shift_hu: int = 0) -> Volume:
    """The CT in ``file``.

    Args:
        file: a three-dimensional image.
        shift_hu: added to its values, for data sets whose values are not HU; the result is kept in the range of a CT.

    Raises:
        InputError: code ``image-invalid``.
        SetupError: code ``extra-missing`` without SimpleITK.
    """
    values, grid = _read(file)
    hu = np.clip(np.rint(values) + shift_hu, AIR_HU, MAX_HU).astype(np.int16)
    return Volume(hu, grid)


def read_mask(file: Path) -> tuple[npt.NDArray[np.bool_], Grid]:
    """Where the image in ``file`` is not 0, bool [z, y, x], and its grid; raises like :func:`read_volume`."""
    values, grid = _read(file)
    return values != 0, grid


def least_value(file: Path) -> float:
    """The least value of the image in ``file``; raises like :func:`read_volume`."""
    return float(_read(file)[0].min())


def from_first_voxel(file: Path, points_mm: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Positions (N, 3) mm LPS of ``points_mm`` (N, 3), given along the axes of the file from its first voxel's centre.

    Raises:
        InputError: code ``image-invalid``.
        SetupError: code ``extra-missing`` without SimpleITK.
    """
    sitk = _simpleitk()
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(file))
    try:
        reader.ReadImageInformation()
    except RuntimeError as error:
        raise _unreadable(file, error) from error
    _check_volume(file, reader.GetDimension(), reader.GetNumberOfComponents())
    direction = np.reshape(reader.GetDirection(), (3, 3))
    return np.asarray(points_mm) @ direction.T + np.array(reader.GetOrigin())


def ras_to_lps(points: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Positions (..., 3) of the RAS frame in the LPS frame, and the other way round.

    >>> ras_to_lps([1.0, 2.0, 3.0]).tolist()
    [-1.0, -2.0, 3.0]
    """
    return np.asarray(points, dtype=np.float64) * (-1.0, -1.0, 1.0)


def same_grid(a: Grid, b: Grid) -> bool:
    """Whether two grids have the same voxels, within half of one."""
    if a.shape != b.shape:
        return False
    corners = [(a.to_lps(index) - b.to_lps(index)) / a.spacing for index in ((0, 0, 0), a.shape)]
    return bool(np.abs(corners).max() <= SKEW_VOXELS)


def _read(file: Path) -> tuple[npt.NDArray, Grid]:
    """Values [z, y, x] of an image and their grid."""
    sitk = _simpleitk()
    try:
        image = sitk.ReadImage(str(file))
    except RuntimeError as error:
        raise _unreadable(file, error) from error
    _check_volume(file, image.GetDimension(), image.GetNumberOfComponentsPerPixel())
    image = sitk.DICOMOrient(image, "LPS")
    spacing, size = np.array(image.GetSpacing()), np.array(image.GetSize())
    skew = (np.reshape(image.GetDirection(), (3, 3)) - np.eye(3)) @ (spacing * size)
    if (np.abs(skew) > SKEW_VOXELS * spacing).any():
        raise InputError(
            "image-invalid",
            f"{file.name} must lie along the patient's axes but its far corner is {np.abs(skew).max():.1f} mm off.",
        )
    return sitk.GetArrayFromImage(image), Grid(size[::-1].tolist(), image.GetOrigin(), spacing)


def _simpleitk() -> ModuleType:
    try:
        import SimpleITK
    except ModuleNotFoundError as error:
        raise SetupError(
            "extra-missing", "image files need SimpleITK; install it with pip install 'scanserve[export]'."
        ) from error
    return SimpleITK


def _unreadable(file: Path, error: RuntimeError) -> InputError:
    reason = str(error).strip().splitlines()[-1].replace(str(file), file.name)
    return InputError("image-invalid", f"{file.name} must be an image that SimpleITK reads, but {reason}")


def _check_volume(file: Path, dimensions: int, components: int) -> None:
    if (dimensions, components) != (3, 1):
        raise InputError(
            "image-invalid",
            f"{file.name} must have 3 dimensions and 1 value a voxel but has {dimensions} and {components}.",
        )
