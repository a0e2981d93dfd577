"""Hounsfield units shared by all applications that read CT."""

from __future__ import annotations

__all__ = ["AIR_HU", "LARGEST_VOLUME_BYTES", "MAX_HU", "ORIGIN_MM", "SPACING_MM"]

#: Air: the lowest value of a 12-bit CT.  It also fills the space outside an image.
AIR_HU = -1024
#: The highest value of a 12-bit CT.
MAX_HU = 3071

#: Voxel spacing that a volume may have, mm: wider than any scanner's, and narrow enough to compute with.
SPACING_MM = (0.01, 100.0)
#: How far from the frame's zero a volume may begin along each axis, mm: no table is that long.
ORIGIN_MM = 10_000.0
#: The largest volume: 1,024 x 1,024 x 768 voxels of 16 bits.
LARGEST_VOLUME_BYTES = 3 << 29
