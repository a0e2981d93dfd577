import numpy as np
import pytest

from scanserve.preprocessing import Volume
from scanserve.preprocessing.ccta.acceptance.aorta import measure_aorta
from scanserve.preprocessing.ccta.anatomy import CoarseVolume
from tests.support.chest import SHAPE, SPACING, chest, ellipsoid

#: Middle of the ascending aorta, (z, y, x) in mm from the middle of the volume, and its radius.
CENTER, RADIUS = (0, -28, -10), 15.0


def heart(hu, *, radius=RADIUS, top=True, wide=350, marrow=230):
    """A chest with an aorta of ``hu`` above the chambers, and a wide chamber below."""
    values = chest(blood=40, marrow=marrow).astype(float)
    lower = np.zeros(SHAPE, bool)
    lower[: SHAPE[0] // 2] = True
    values[ellipsoid((-40, -15, 10), (45, 32, 36)) & lower] = wide
    if top:
        tube = ellipsoid((0, *CENTER[1:]), (1e6, radius, radius)) & ~lower
        values[tube] = hu + np.random.default_rng(3).normal(0, 20, tube.sum())
    return Volume.at(values.astype(np.int16), (0, 0, 0), SPACING)


def measured(volume):
    return measure_aorta(volume, CoarseVolume.from_volume(volume))


@pytest.mark.parametrize("hu", [200, 250, 420])
def test_the_mean_in_the_vessel_is_measured(hu):
    found = measured(heart(hu))
    assert found.name == "ascending aorta"
    assert found.hu == pytest.approx(hu, abs=5)
    assert found.spread_hu == pytest.approx(20, abs=4)


def test_the_place_is_that_of_the_vessel():
    found = measured(heart(400))
    middle = np.array([(size - 1) / 2 * step for size, step in zip(SHAPE[::-1], SPACING, strict=True)])
    assert found.center_mm[:2] == pytest.approx((middle + CENTER[::-1])[:2], abs=2.5)
    assert found.center_mm[2] > middle[2]


def test_voxels_are_counted_within_half_of_the_radius():
    found = measured(heart(400))
    layers = found.length_mm / np.prod(CoarseVolume.from_volume(heart(400)).size[:1])
    assert found.voxels == pytest.approx(
        layers * np.pi * (RADIUS / 2) ** 2 / (SPACING[0] * SPACING[1]), rel=0.3
    )


@pytest.mark.parametrize(("radius", "top"), [(6.0, True), (32.0, True), (15.0, False)])
def test_what_is_too_narrow_or_too_wide_is_no_aorta(radius, top):
    found = measured(heart(400, radius=radius, top=top))
    assert found is None or found.name == "descending aorta"


def test_without_contrast_there_is_nothing_to_measure():
    assert measured(heart(45, wide=45, marrow=110)) is None
