"""What a CT volume shows, in millilitres: blood with contrast in a heart, and lung.

Anatomy is judged on coarse blocks of about :data:`BLOCK_MM`, each the mean of a few voxels of the volume, so
that noise does not decide.

*Contrast*.  Blood with contrast is the only tissue that fills compartments centimetres wide with 180 to
700 HU in front of the spine.  Blocks in that range are counted in the anterior 60 % and the middle 80 % of
the body (the spine, whose marrow reaches 250 HU in young people, lies behind), after an opening by a cube
of 15 mm, which removes sternum, ribs and calcified cartilage: they are bright, but thin.

*Chest*.  Lung is the only tissue that fills compartments with -960 to -500 HU.  Blocks in that range count
when tissue is met in at least three of the four in-plane directions (a lung cut by the edge of a cardiac
field has none on one side; air around the body and the table's foam have it on one or two), after an
opening by a cube of 9 mm, which removes the partial volume of surfaces.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from scanserve.preprocessing.ct import Volume

__all__ = [
    "CONTRAST_HU",
    "LUNG_HU",
    "TISSUE_HU",
    "CoarseVolume",
    "contrast_ml",
    "faint_contrast_ml",
    "heart_region",
    "lung_ml",
    "wide_contrast",
]

#: Contrast-filled blood at 80 to 140 kV, arterial phase; metal and cortical bone lie above.
CONTRAST_HU = (180.0, 700.0)
#: Aerated lung; the air around the patient lies below, fat and partial volume above.
LUNG_HU = (-960.0, -500.0)
#: Blocks denser than this are tissue.
TISSUE_HU = -300.0
#: A row or column of blocks belongs to the body when more than this fraction of it is tissue.
BODY_FRACTION = 0.05

BLOCK_MM = 3.0
CONTRAST_OPENING_MM, FAINT_SHARE = 15.0, 0.85
LUNG_OPENING_MM = 9.0
ANTERIOR_FRACTION = 0.6
MIDDLE_FRACTION = 0.8

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class CoarseVolume:
    """A volume in blocks: ``hu`` float32 ``[z, y, x]``, and the ``size`` ``(z, y, x)`` of a block in mm."""

    hu: npt.NDArray[np.float32]
    size: npt.NDArray[np.float64]

    @classmethod
    def from_volume(cls, volume: Volume) -> CoarseVolume:
        """Each block is the mean of up to two samples per axis, a quarter of a block from its ends."""
        spacing = volume.grid.spacing[::-1]
        factors = np.maximum(1, np.rint(BLOCK_MM / spacing)).astype(int)
        factors = np.minimum(factors, volume.hu.shape)
        total = np.zeros(np.array(volume.hu.shape) // factors, np.float32)
        for offset in np.ndindex(2, 2, 2):
            starts = [(2 * half + 1) * factor // 4 for half, factor in zip(offset, factors, strict=True)]
            total += _sampled(volume.hu, starts, factors)
        return cls(total / 8, factors * spacing)

    def within(self, low: float, high: float) -> Mask:
        """The blocks of ``low`` to ``high`` HU, both included."""
        return (self.hu >= low) & (self.hu <= high)

    def millilitres(self, mask: Mask) -> float:
        """Volume of the blocks in ``mask``."""
        return float(mask.sum() * np.prod(self.size) / 1000)

    def opened(self, mask: Mask, mm: float, share: float = 1.0) -> Mask:
        """What of ``mask`` lies in a cube of edge ``mm`` of which at least ``share`` is ``mask``.

        Beyond the field counts as more of the same.
        """
        widths = np.maximum(1, np.rint(mm / self.size)).astype(int) // 2 * 2 + 1
        blocks = int(np.prod(widths))
        least = np.ceil(share * blocks - 1e-6)  # of blocks; half of one is left to the rounding of the filter
        filled = ndimage.uniform_filter(mask.astype(np.float32), widths, mode="nearest")
        fits = filled * blocks > least - 0.5
        return ndimage.maximum_filter(fits, widths, mode="constant") & mask


def contrast_ml(coarse: CoarseVolume) -> float:
    """Volume in ml of wide, bright compartments in front of the spine (see the module)."""
    return coarse.millilitres(wide_contrast(coarse))


def faint_contrast_ml(coarse: CoarseVolume) -> float:
    """As :func:`contrast_ml`, of compartments that trabeculae, streaks or noise may cut up, as they do faint blood."""
    return coarse.millilitres(wide_contrast(coarse, FAINT_SHARE))


def wide_contrast(coarse: CoarseVolume, share: float = 1.0) -> Mask:
    """The blocks of wide, bright compartments in front of the spine (see the module).

    Args:
        coarse: the volume in blocks.
        share: of each cube of the opening that must be bright.
    """
    wide = coarse.opened(coarse.within(*CONTRAST_HU), CONTRAST_OPENING_MM, share)
    return wide & heart_region(coarse.hu > TISSUE_HU)


def lung_ml(coarse: CoarseVolume) -> float:
    """Volume in ml of aerated compartments inside the body (see the module)."""
    enclosed = coarse.within(*LUNG_HU) & _enclosed(coarse.hu > TISSUE_HU)
    return coarse.millilitres(coarse.opened(enclosed, LUNG_OPENING_MM))


def _sampled(hu: npt.NDArray[np.int16], starts: list[int], factors: npt.NDArray[np.int_]) -> npt.NDArray:
    """Every ``factors``-th voxel ``[z, y, x]`` from ``starts``, one for each whole block."""
    counts = np.array(hu.shape) // factors
    z, y, x = (
        slice(start, start + factor * (count - 1) + 1, factor)
        for start, factor, count in zip(starts, factors.tolist(), counts.tolist(), strict=True)
    )
    return hu[z, y, x]


def heart_region(tissue: Mask) -> Mask:
    """The anterior and middle part of the body's bounding box, over all slices."""
    region = np.zeros(tissue.shape, bool)
    rows = np.flatnonzero(tissue.mean(axis=(0, 2)) > BODY_FRACTION)
    columns = np.flatnonzero(tissue.mean(axis=(0, 1)) > BODY_FRACTION)
    if rows.size and columns.size:
        depth, width = rows[-1] + 1 - rows[0], columns[-1] + 1 - columns[0]
        margin = round(width * (1 - MIDDLE_FRACTION) / 2)
        posterior = rows[0] + round(depth * ANTERIOR_FRACTION)
        region[:, rows[0] : posterior, columns[0] + margin : columns[-1] + 1 - margin] = True
    return region


def _enclosed(tissue: Mask) -> Mask:
    """Blocks from which tissue is met in at least three of the four in-plane directions."""
    met = np.zeros(tissue.shape, np.uint8)
    for axis in (1, 2):
        met += np.maximum.accumulate(tissue, axis=axis)
        met += np.flip(np.maximum.accumulate(np.flip(tissue, axis), axis=axis), axis)
    return met >= 3
