"""Small DICOM NM tomograms."""

import numpy as np

from scanserve.geometry.grid import Grid
from scanserve.phantoms.dat.dicom import NmSeries, nm_dataset

SHAPE = (7, 128, 128)


def stored(shape=SHAPE):
    """Counts with their greatest value, 1000, in the middle slice."""
    values = np.full(shape, 3, np.uint16)
    values[shape[0] // 2, 60, 60] = 1000
    return values


def dataset(values=None, *, number=1, minutes=5.0, seed=1, spacing=3.29):
    """An NM data set of ``values`` ``[z, y, x]``."""
    values = stored() if values is None else values
    grid = Grid.centred(values.shape, spacing)
    return nm_dataset(NmSeries(seed, number, f"{minutes:g} min", minutes, 1000, grid), values)


def write(folder, name="tomogram.dcm", change=None, **settings):
    """Write a data set that ``change`` was applied to."""
    made = dataset(**settings)
    if change:
        change(made)
    made.save_as(folder / name, enforce_file_format=True)
    return folder
