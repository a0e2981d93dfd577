"""Chests whose blood is faint and cut up, in studies of several phases."""

import numpy as np

from scanserve.preprocessing.ct import read_study
from tests.support import ct_factory as factory
from tests.support.chest import chest

GRID = {"PixelSpacing": [2.2 / 3, 2.5 / 3], "SliceThickness": 1.0, "step": 1.0}
#: Specks that cut blood up, so that hardly any cube of 15 mm is bright throughout.
SPECKS = np.random.default_rng(1).random((120, 300, 360)) < 0.001


def fine_chest(*, cut_up=False, **settings):
    """A chest that is fine enough to be eligible; with ``cut_up``, dark specks of a few voxels in everything."""
    hu = chest(**settings).repeat(2, 0).repeat(3, 1).repeat(3, 2)
    if cut_up:
        z, y, x = np.nonzero(SPECKS)
        for dz, dy, dx in np.ndindex(4, 5, 5):
            hu[np.minimum(z + dz, 119), np.minimum(y + dy, 299), np.minimum(x + dx, 359)] = 60
    return hu


def faint_chest():
    """A small heart in which 30 ml of blood are left between the specks, and none in whole cubes of 15 mm."""
    return fine_chest(cut_up=True, blood=205, radii=(35, 22, 25))


def written_study(folder, **phases):
    """The phases of a study by their percentages, of chests and of what their headers say otherwise."""
    for name, (hu, tags) in phases.items():
        uids = {"SeriesInstanceUID": f"1.2.9.{name[1:]}", "uid": f"1.2.8.{name[1:]}"}
        named = {"SeriesDescription": f"CTA {name[1:]} %"}
        stored = (hu + 1024).astype(np.int16)
        factory.write_series(folder / name, stored, **(GRID | uids | named | tags))
    return read_study(folder).phases
