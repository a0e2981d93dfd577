"""A coarse chest in HU: body, lungs, heart with blood, ribs' worth of bone, spine."""

import numpy as np

from scanserve.preprocessing import Volume

SHAPE, SPACING = (60, 100, 120), (2.5, 2.2, 2.0)  # [z, y, x]; (x, y, z) mm: a whole chest, coarsely


def ellipsoid(center, radii) -> np.ndarray:
    """Mask of an ellipsoid; centre and radii are (z, y, x) in mm from the middle of the volume."""
    size = np.array(SPACING[::-1])
    axes = [(np.arange(count) - (count - 1) / 2) * step for count, step in zip(SHAPE, size, strict=True)]
    grid = np.meshgrid(*axes, indexing="ij")
    return sum(((g - c) / r) ** 2 for g, c, r in zip(grid, center, radii, strict=True)) <= 1


def chest(
    *, blood: int = 350, lung: int = -820, marrow: int = 230, seed: int = 0, radii=(50, 32, 36)
) -> np.ndarray:
    """Body 280 x 200 mm with two lungs, a heart with blood within ``radii``, ribs' worth of bone and a spine."""
    hu = np.full(SHAPE, -1000.0)
    hu[ellipsoid((0, 0, 0), (1e6, 100, 140))] = 30
    for side in (-1, 1):
        hu[ellipsoid((0, 0, side * 70), (1e6, 75, 50))] = lung
    hu[ellipsoid((0, -15, 10), (1e6, 42, 50))] = 40
    hu[ellipsoid((0, -15, 10), radii)] = blood
    hu[ellipsoid((0, 60, 0), (1e6, 18, 18))] = marrow
    hu[ellipsoid((0, -92, 0), (1e6, 5, 15))] = 400
    noise = np.random.default_rng(seed).normal(0, 30, SHAPE)
    return np.rint(hu + noise).clip(-1024, 3071).astype(np.int16)


def volume_of(hu: np.ndarray) -> Volume:
    """The volume of ``hu`` on the chest's grid."""
    return Volume.at(hu, (0, 0, 0), SPACING)
