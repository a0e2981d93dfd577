import numpy as np
import pytest

from scanserve.geometry import Lumen, LumenOptions
from scanserve.preprocessing import Volume

OPTIONS = LumenOptions(soft_tissue_hu=50.0, minimum_hu=150.0)


def ramp():
    """HU grows by 100 per mm of x."""
    hu = np.broadcast_to(np.arange(10) * 50 - 100, (10, 10, 10)).astype(np.int16)
    return Volume.at(hu, np.array([1.0, 2, 3]), np.array([0.5, 0.7, 0.9]))


def at(x):
    return np.array([1.0 + x, 4, 5])


def test_brightness_runs_from_soft_tissue_to_the_lumen():
    lumen = Lumen(ramp(), 250.0, OPTIONS.soft_tissue_hu)
    points = [at(0.0), at(1.5), at(2.5), at(3.5), at(4.0), at(40.0)]
    np.testing.assert_allclose(lumen.brightness(points), [0, 0, 0.5, 1, 1, 0], atol=1e-5)


@pytest.mark.parametrize(("percentile", "level"), [(50.0, 250.0), (75.0, 275.0), (0.0, 200.0)])
def test_level_is_a_percentile_along_the_vessel(percentile, level):
    points = [at(x) for x in (3.0, 3.5, 4.0)]
    assert Lumen.along(points, ramp(), OPTIONS, percentile).level == pytest.approx(level, abs=0.01)


def test_level_has_a_floor():
    assert Lumen.along([at(0.0)], ramp(), OPTIONS).level == OPTIONS.minimum_hu


def test_box_is_centred_and_holds_the_brightness_there():
    lumen = Lumen(ramp(), 250.0, OPTIONS.soft_tissue_hu)
    box = lumen.box(at(2.5), 1.0, 0.5)
    assert box.values.shape == (5, 5, 5)
    np.testing.assert_allclose(box.values[2, 2], [0.0, 0.25, 0.5, 0.75, 1.0], atol=1e-5)
    np.testing.assert_allclose(box.grid.to_lps([2, 2, 2]), at(2.5))
    assert box.grid.nearest(box.grid.to_lps([1, 2, 3])).tolist() == [1, 2, 3]
    assert box.grid.nearest(at(99.0)).tolist() == [2, 2, 4]
