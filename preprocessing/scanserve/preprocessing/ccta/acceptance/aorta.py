"""The enhancement of the aorta, measured in the image without a network.

The aorta is the only vessel that is cut round, 18 to 48 mm wide and evenly bright in axial slices over centimetres.
Such discs are looked for in coarse blocks: in the upper half of the volume in front of the spine (ascending aorta),
and where there is none, behind that in the whole volume (descending aorta).  Chambers are too wide or not round, the
superior vena cava is too narrow, and marrow is not even.  Vessels that touch come apart by an erosion of a block, or
else at a higher level of HU: the lowest level at which a disc is seen counts, because that shows the whole vessel.  The
HU are then those of the volume's own voxels, within half of each disc's radius, so that wall and calcium do not count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from scanserve.preprocessing.ccta.anatomy import TISSUE_HU, CoarseVolume, heart_region
from scanserve.preprocessing.ct import Volume

__all__ = ["AorticEnhancement", "measure_aorta"]

#: Levels at which discs are looked for; blood below the first is not told from muscle.
LEVELS_HU = (130.0, 180.0, 240.0, 310.0, 390.0, 480.0)
#: Diameters of a disc, mm.
DIAMETER_MM = (20.0, 48.0)
#: Width over height of a disc, its share of the ellipse that its box holds, and the spread of its inner blocks in HU.
ROUND, FILLED, EVEN_HU = 0.65, 0.8, 50.0
#: Discs of neighbouring slices lie so close, and a vessel is so long, mm.
DRIFT_MM, LEAST_MM = 5.0, 12.0
#: The part of the volume, from below, above which the ascending aorta is looked for.
UPPER_PART = 0.5
#: The part of a disc's radius within which voxels are measured.
INNER = 0.5


@dataclass(frozen=True)
class AorticEnhancement:
    """Mean and standard deviation in HU of ``voxels`` in the aorta, and the middle of what was measured (LPS, mm)."""

    name: str
    hu: float
    spread_hu: float
    voxels: int
    center_mm: tuple[float, float, float]
    length_mm: float


@dataclass(frozen=True)
class _Disc:
    """A disc in one layer of blocks; centre (row, column) in blocks, radius in mm."""

    layer: int
    row: float
    column: float
    radius_mm: float


def measure_aorta(volume: Volume, coarse: CoarseVolume) -> AorticEnhancement | None:
    """The enhancement of the aorta, or None where no such vessel is seen.

    Args:
        volume: HU ``[z, y, x]``, from below upwards.
        coarse: the same in blocks.
    """
    heart = heart_region(coarse.hu > TISSUE_HU)
    upper = np.arange(len(heart)) >= UPPER_PART * len(heart)
    for name, region in (
        ("ascending aorta", heart & upper[:, None, None]),
        ("descending aorta", ~heart),
    ):
        for level in LEVELS_HU:
            chain = _longest_chain(_discs(coarse, region, level), coarse)
            if chain:
                return _measured(name, volume, coarse, chain)
    return None


def _discs(coarse: CoarseVolume, region: npt.NDArray[np.bool_], level: float) -> list[list[_Disc]]:
    """Round, even discs of at least ``level`` HU whose centre lies in ``region``, by layer."""
    bright = ndimage.binary_erosion(coarse.hu >= level, np.ones((1, 3, 3)))
    return [list(_of_layer(coarse, bright[layer], region[layer], layer)) for layer in range(len(bright))]


def _of_layer(
    coarse: CoarseVolume, bright: npt.NDArray[np.bool_], region: npt.NDArray[np.bool_], layer: int
) -> Iterator[_Disc]:
    labels, _ = ndimage.label(bright)
    _, tall, wide = coarse.size
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        own = labels[box] == number
        height, width = (own.shape[0] + 2) * tall, (own.shape[1] + 2) * wide
        row, column = (part.start + (part.stop - part.start - 1) / 2 for part in box)
        if (
            DIAMETER_MM[0] <= min(height, width)
            and max(height, width) <= min(DIAMETER_MM[1], min(height, width) / ROUND)
            and own.mean() >= FILLED * np.pi / 4
            and coarse.hu[layer][box][own].std() <= EVEN_HU
            and region[round(row), round(column)]
        ):
            yield _Disc(layer, row, column, (height + width) / 4)


def _longest_chain(layers: list[list[_Disc]], coarse: CoarseVolume) -> list[_Disc]:
    """The longest vessel of discs, one in each of consecutive layers; nothing where it is shorter than LEAST_MM."""
    longest: list[_Disc] = []
    chains: list[list[_Disc]] = []
    for discs in layers:
        grown = [[*chain, disc] for disc in discs for chain in chains if _follows(disc, chain[-1], coarse)]
        chains = [*grown, *([disc] for disc in discs)]
        longest = max([longest, *chains], key=len)
    return longest if len(longest) * coarse.size[0] >= LEAST_MM else []


def _follows(disc: _Disc, before: _Disc, coarse: CoarseVolume) -> bool:
    _, tall, wide = coarse.size
    drift = np.hypot((disc.row - before.row) * tall, (disc.column - before.column) * wide)
    return bool(drift <= DRIFT_MM)


def _measured(name: str, volume: Volume, coarse: CoarseVolume, chain: list[_Disc]) -> AorticEnhancement:
    factors = coarse.size / volume.grid.spacing[::-1]
    values, places = [], []
    for disc in chain:
        z, y, x = (np.array([disc.layer, disc.row, disc.column]) + 0.5) * factors - 0.5
        places.append(volume.grid.to_lps([z, y, x]))
        values.append(_inside(volume, (z, y, x), INNER * disc.radius_mm))
    hu = np.concatenate(values).astype(np.float64)
    center = np.mean(places, axis=0).round(1)
    return AorticEnhancement(
        name,
        round(float(hu.mean()), 1),
        round(float(hu.std()), 1),
        len(hu),
        (float(center[0]), float(center[1]), float(center[2])),
        round(float(len(chain) * coarse.size[0]), 1),
    )


def _inside(volume: Volume, center: tuple[float, float, float], radius_mm: float) -> npt.NDArray[np.int16]:
    """The voxels of one slice within ``radius_mm`` of ``center`` ``(z, y, x)``, in voxels."""
    image = volume.hu[int(np.clip(round(center[0]), 0, len(volume.hu) - 1))]
    rows, columns = np.ogrid[: image.shape[0], : image.shape[1]]
    step_x, step_y, _ = volume.grid.spacing
    squared = ((rows - center[1]) * step_y) ** 2 + ((columns - center[2]) * step_x) ** 2
    return image[squared <= radius_mm**2]
