"""Filtered back-projection with a Butterworth filter and Chang's correction: projections to slices.

Ioflupane studies are often reconstructed in this way (Darcourt et al., EANM procedure guideline version 2, Eur J Nucl
Med Mol Imaging 37 (2010) 443-450).  All steps but the last, which sets negative counts to 0, are linear.
Back-projection uses a sparse matrix instead of ``skimage.transform.iradon``: it processes all slices at once in a
tenth of the time, and a test compares the two.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import fft, sparse

from scanserve.phantoms.dat.camera import ANGLES, MATRIX, PIXEL_MM, angles, directions, pixel_mm
from scanserve.phantoms.ellipsoid import Ellipsoid

__all__ = ["back_project", "butterworth", "chang", "reconstruct"]

#: Radius of the reconstructed field around the axis of rotation, mm; outside it slices are 0.
FIELD_MM = 0.48 * MATRIX * PIXEL_MM

Array = npt.NDArray[np.floating]


def reconstruct(
    projections: Array, outline: Ellipsoid, z_mm: Array, *, cutoff: float, order: float, water: float
) -> npt.NDArray[np.float32]:
    """Slices (Z, 128, 128) ``[z, y, x]``, >= 0, of projections (Z, angle, bin).

    Args:
        projections: counts, or any multiple of them.
        outline: the outline of the head for the attenuation correction.
        z_mm: (Z,) positions of the slices.
        cutoff: cut-off frequency of the Butterworth filter, cycles per cm.
        order: order of the Butterworth filter.
        water: attenuation assumed in the correction, 1/mm.
    """
    slices = back_project(butterworth(projections, cutoff, order))
    slices *= np.stack([chang(outline, z, water) for z in z_mm.tolist()])
    return np.maximum(slices, 0, out=slices)


def butterworth(projections: Array, cutoff: float, order: float) -> npt.NDArray[np.float32]:
    """Smooth projections (Z, angle, bin) over slices and bins; amplitude 1 / sqrt(1 + (f / cutoff)^(2 order)).

    Edges wrap around, which is harmless because a head keeps away from them.
    """
    depth, _, width = projections.shape
    along, across = (fft.fftfreq(depth, PIXEL_MM / 10), fft.rfftfreq(width, PIXEL_MM / 10))
    frequency = np.hypot(along[:, None], across[None, :])
    gain = (1 / np.sqrt(1 + (frequency / cutoff) ** (2 * order))).astype(np.float32)
    spectrum = fft.rfft2(projections.astype(np.float32), axes=(0, 2)) * gain[:, None, :]
    return fft.irfft2(spectrum, (depth, width), axes=(0, 2))


def back_project(projections: Array) -> npt.NDArray[np.float32]:
    """Slices (Z, 128, 128) by filtered back-projection with the ramp filter, which is exact without noise."""
    size = 2 * MATRIX
    spectrum = fft.rfft(projections.astype(np.float32), size, axis=-1) * _ramp(size)
    filtered = fft.irfft(spectrum, size, axis=-1)[..., :MATRIX]
    planes = _spreading() @ filtered.reshape(len(filtered), -1).T
    return np.ascontiguousarray(planes.T).reshape(-1, MATRIX, MATRIX) * np.float32(np.pi / (2 * ANGLES))


def chang(outline: Ellipsoid, z: float, water: float) -> npt.NDArray[np.float32]:
    """Factors (128, 128) of first-order attenuation correction; 1 outside (Chang, IEEE TNS 25 (1978) 638-643)."""
    y, x = np.meshgrid(pixel_mm(), pixel_mm(), indexing="ij")
    points = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, z)])
    inside = outline.level(x, y, np.array(z)).ravel() <= 1
    factors = np.ones(x.size, np.float32)
    if inside.any():
        every_fourth = directions()[::4]
        factors[inside] = 1 / np.exp(-water * outline.exit_mm(points[inside], every_fourth)).mean(axis=1)
    return factors.reshape(MATRIX, MATRIX)


def _ramp(size: int) -> npt.NDArray[np.float32]:
    """The ramp filter from its samples in space, which keeps the mean right (Kak and Slaney 1988, 3.3.3)."""
    n = np.concatenate([np.arange(1, size / 2 + 1, 2), np.arange(size / 2 - 1, 0, -2)])
    kernel = np.zeros(size)
    kernel[0] = 0.25
    kernel[1::2] = -1 / (np.pi * n) ** 2
    return (2 * np.real(fft.rfft(kernel))).astype(np.float32)


@lru_cache(maxsize=1)
def _spreading() -> sparse.csr_matrix:
    """Back-projection with linear interpolation: (pixel, angle bin)."""
    axis = np.arange(MATRIX) - (MATRIX - 1) / 2
    y, x = np.meshgrid(axis, axis, indexing="ij")
    pixels = np.flatnonzero(np.hypot(x, y) * PIXEL_MM <= FIELD_MM)
    x, y = x.ravel()[pixels, None], y.ravel()[pixels, None]
    place = x * np.cos(angles()) + y * np.sin(angles()) + (MATRIX - 1) / 2
    low = np.floor(place)
    columns = (low + np.arange(ANGLES) * MATRIX).astype(np.int32)
    part = (place - low).astype(np.float32)
    rows = np.broadcast_to(pixels[:, None], columns.shape)
    data, row, column = (
        np.concatenate([a.ravel(), b.ravel()])
        for a, b in ((1 - part, part), (rows, rows), (columns, columns + 1))
    )
    return sparse.csr_matrix((data, (row, column)), shape=(MATRIX**2, ANGLES * MATRIX))
