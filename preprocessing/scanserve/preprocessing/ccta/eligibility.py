"""Whether a phase may be analysed: fine enough, large enough, contrast-enhanced, and a chest.

Symbols: K, the coarse blocks of about :data:`BLOCK_MM` on which anatomy is judged, each the mean of a few
voxels of the volume, so that noise does not decide.

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

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from scanserve.preprocessing.ct.study import Phase
from scanserve.preprocessing.ct.volume import Volume
from scanserve.preprocessing.findings import Finding, plural

__all__ = ["check_eligibility", "contrast_ml", "lung_ml"]

#: Limits of a study fit for coronary arteries of 2 to 4 mm.
MAX_SLICE_MM = 1.0
MAX_PIXEL_MM = 1.0
MIN_SLICES = 40
#: The heart is 100 to 140 mm long; less than this cuts off an ostium or a distal vessel.
MIN_COVERAGE_MM = 90.0
#: A field narrower than this does not hold the heart from side to side.
MIN_FIELD_MM = 120.0
#: Rounding of spacings as written in files.
SLACK_MM = 0.01
#: Below this tube current ECG-pulsed modulation has left a phase too noisy to read.
MIN_TUBE_CURRENT_MA = 50.0

#: Contrast-filled blood at 80 to 140 kV, arterial phase; metal and cortical bone lie above.
CONTRAST_HU = (180.0, 700.0)
#: The chambers and great vessels hold 400 ml and more; but with the right heart washed out, what a small left
#: ventricle keeps at end systole after the opening may be all that counts.  Without contrast there is none.
MIN_CONTRAST_ML = 25.0
#: Aerated lung; the air around the patient lies below, fat and partial volume above.
LUNG_HU = (-960.0, -500.0)
#: A cardiac field shows a litre of lung and more; bowel gas and mastoid cells do not come near.
MIN_LUNG_ML = 100.0
#: Blocks denser than this are tissue.
TISSUE_HU = -300.0

BLOCK_MM = 3.0
CONTRAST_OPENING_MM = 15.0
LUNG_OPENING_MM = 9.0
ANTERIOR_FRACTION = 0.6
MIDDLE_FRACTION = 0.8

Blocks = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


def check_eligibility(phase: Phase, volume: Volume) -> tuple[Finding, ...]:
    """The reasons for which this phase must not be analysed; empty where it may be.

    Args:
        phase: header facts (thickness, tube current).
        volume: its pixels.

    Returns:
        Findings with codes ``slices-too-thick``, ``pixels-too-large``, ``too-few-slices``,
        ``coverage-too-small``, ``tube-current-too-low``, ``no-contrast``, ``not-a-chest``.
    """
    return (*_resolution(phase, volume), *_coverage(volume), *_current(phase), *_anatomy(volume))


def contrast_ml(volume: Volume) -> float:
    """Volume in ml of wide, bright compartments in front of the spine (see the module)."""
    blocks, size = _blocks(volume)
    return _contrast_ml(blocks, size)


def lung_ml(volume: Volume) -> float:
    """Volume in ml of aerated compartments inside the body (see the module)."""
    blocks, size = _blocks(volume)
    return _lung_ml(blocks, size)


def _resolution(phase: Phase, volume: Volume) -> Iterator[Finding]:
    x, y, z = volume.grid.spacing
    thickness = max(z, phase.thickness_mm or 0.0)
    if thickness > MAX_SLICE_MM + SLACK_MM:
        yield Finding("slices-too-thick", (
            f"slices are {thickness:.2f} mm thick or apart; at most {MAX_SLICE_MM:g} mm can be analysed."
        ))  # fmt: skip
    if max(x, y) > MAX_PIXEL_MM + SLACK_MM:
        yield Finding("pixels-too-large", (
            f"pixels are {max(x, y):.2f} mm wide; at most {MAX_PIXEL_MM:g} mm can be analysed."
        ))  # fmt: skip


def _coverage(volume: Volume) -> Iterator[Finding]:
    width, depth, height = volume.grid.size_mm
    if volume.grid.shape[0] < MIN_SLICES:
        yield Finding(
            "too-few-slices",
            f"only {plural(volume.grid.shape[0], 'slice', verb=False)}; at least {MIN_SLICES} are needed.",
        )
    if height < MIN_COVERAGE_MM:
        yield Finding("coverage-too-small", (
            f"the slices cover {height:.1f} mm; at least {MIN_COVERAGE_MM:g} mm are needed for a whole heart."
        ))  # fmt: skip
    if min(width, depth) < MIN_FIELD_MM:
        yield Finding("coverage-too-small", (
            f"the field is {width:.1f} x {depth:.1f} mm; at least {MIN_FIELD_MM:g} mm each way are needed."
        ))  # fmt: skip


def _current(phase: Phase) -> Iterator[Finding]:
    current = phase.tube_current_ma
    if current is not None and current < MIN_TUBE_CURRENT_MA:
        yield Finding("tube-current-too-low", (
            f"the mean tube current is {current:.0f} mA; at least {MIN_TUBE_CURRENT_MA:g} mA are needed."
        ))  # fmt: skip


def _anatomy(volume: Volume) -> Iterator[Finding]:
    blocks, size = _blocks(volume)
    bright = _contrast_ml(blocks, size)
    if bright < MIN_CONTRAST_ML:
        yield Finding("no-contrast", (
            f"only {bright:.0f} ml in the heart region lie between {CONTRAST_HU[0]:g} and {CONTRAST_HU[1]:g} "
            f"HU in wide compartments; a contrast-enhanced heart has at least {MIN_CONTRAST_ML:g} ml."
        ))  # fmt: skip
    lung = _lung_ml(blocks, size)
    if lung < MIN_LUNG_ML:
        yield Finding("not-a-chest", (
            f"only {lung:.0f} ml of aerated lung were found; a chest shows at least {MIN_LUNG_ML:g} ml."
        ))  # fmt: skip


def _blocks(volume: Volume) -> tuple[Blocks, npt.NDArray[np.float64]]:
    """The volume in blocks ``[z, y, x]``, float32 HU, and their size ``(z, y, x)`` in mm.

    Each block is the mean of up to two samples per axis, a quarter of a block from its ends.
    """
    spacing = volume.grid.spacing[::-1]
    factors = np.maximum(1, np.rint(BLOCK_MM / spacing)).astype(int)
    factors = np.minimum(factors, volume.hu.shape)
    total: Blocks | None = None
    for offset in np.ndindex(2, 2, 2):
        starts = [(2 * half + 1) * factor // 4 for half, factor in zip(offset, factors, strict=True)]
        part = _sampled(volume.hu, starts, factors)
        total = part.astype(np.float32) if total is None else total + part
    assert total is not None
    return total / 8, factors * spacing


def _sampled(hu: npt.NDArray[np.int16], starts: list[int], factors: npt.NDArray[np.int_]) -> npt.NDArray:
    counts = np.array(hu.shape) // factors
    z, y, x = (
        slice(start, start + factor * (count - 1) + 1, factor)
        for start, factor, count in zip(starts, factors.tolist(), counts.tolist(), strict=True)
    )
    return hu[z, y, x]


def _contrast_ml(blocks: Blocks, size: npt.NDArray[np.float64]) -> float:
    bright = (blocks >= CONTRAST_HU[0]) & (blocks <= CONTRAST_HU[1])
    wide = _opened(bright, CONTRAST_OPENING_MM, size)
    return _ml(wide & _heart_region(blocks), size)


def _lung_ml(blocks: Blocks, size: npt.NDArray[np.float64]) -> float:
    air = (blocks >= LUNG_HU[0]) & (blocks <= LUNG_HU[1])
    return _ml(_opened(air & _enclosed(blocks > TISSUE_HU), LUNG_OPENING_MM, size), size)


def _ml(mask: Mask, size: npt.NDArray[np.float64]) -> float:
    return float(mask.sum() * np.prod(size) / 1000)


def _heart_region(blocks: Blocks) -> Mask:
    """The anterior and middle part of the body's bounding box, over all slices."""
    tissue = blocks > TISSUE_HU
    region = np.zeros(blocks.shape, bool)
    rows = np.flatnonzero(tissue.mean(axis=(0, 2)) > 0.05)
    columns = np.flatnonzero(tissue.mean(axis=(0, 1)) > 0.05)
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


def _opened(mask: Mask, mm: float, size: npt.NDArray[np.float64]) -> Mask:
    """What of ``mask`` a cube of edge ``mm`` fits into; beyond the field counts as more of the same."""
    widths = np.maximum(1, np.rint(mm / size)).astype(int) // 2 * 2 + 1
    eroded = ~_dilated(~mask, widths)
    return _dilated(eroded, widths) & mask


def _dilated(mask: Mask, widths: npt.NDArray[np.int_]) -> Mask:
    """``mask`` dilated by a box of odd ``widths`` ``(z, y, x)`` blocks; nothing comes in from outside."""
    for axis, width in enumerate(widths.tolist()):
        grown = mask.copy()
        for shift in range(1, width // 2 + 1):
            ahead = [slice(None)] * 3
            behind = [slice(None)] * 3
            ahead[axis], behind[axis] = slice(shift, None), slice(None, -shift)
            grown[tuple(ahead)] |= mask[tuple(behind)]
            grown[tuple(behind)] |= mask[tuple(ahead)]
        mask = grown
    return mask
