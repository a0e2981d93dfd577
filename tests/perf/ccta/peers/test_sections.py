import numpy as np
import pytest

from scanserve.geometry import straighten, straightened_points
from scanserve.perf.ccta.peers.sections import interpolators
from scanserve.preprocessing import Volume

NEEDS = ("scipy", "SimpleITK", "vtkmodules")
SIZE = {"steps": 12, "step_mm": 0.5, "size": 6, "pixel_mm": 0.7}


@pytest.mark.parametrize("index", range(3))
def test_every_interpolator_gives_our_values(index):
    pytest.importorskip(NEEDS[index])
    hu = np.random.default_rng(0).integers(-500, 900, (14, 16, 18)).astype(np.int16)
    volume = Volume.at(hu, np.array([-3.0, 2.0, 5.0]), np.array([0.6, 0.7, 0.9]))
    start = volume.grid.origin + 3.5
    paths = [
        start + np.outer(np.linspace(0, 1, 20), direction) for direction in ((4.0, 2.0, 3.0), (1.0, 3.0, 4.0))
    ]
    peer = interpolators(volume, lambda: [straightened_points(path, **SIZE) for path in paths])[index]
    for path, found in zip(paths, peer.prepare()(), strict=True):
        ours = straighten(volume, path, **SIZE).image[: len(found)]
        assert np.abs(ours.astype(int) - found).max() <= 1
