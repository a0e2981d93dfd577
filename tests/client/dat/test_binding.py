import numpy as np
import pytest

from scanserve.client.dat.binding import find_regions

AXIAL = (1, 0, 0, 0, 1, 0)
PIXEL = (3.29, 3.29)


def head(right=3.0, left=2.0, background=1.0):
    """Slices of a head with a striatum of the given counts on each side; the patient's left is on the right."""
    y, x = np.indices((64, 64))
    image = np.where(np.hypot((y - 32) / 26, (x - 32) / 21) <= 1, background, 0.0)
    for column, counts in ((25, right), (39, left)):
        image[np.hypot(y - 28, x - column) <= 5] = counts
    return np.stack([image] * 5)


def test_ratios_follow_the_counts():
    slices = head()
    found = find_regions(slices, AXIAL, PIXEL).binding(slices)
    assert found.right == pytest.approx(2.0, abs=0.05)
    assert found.left == pytest.approx(1.0, abs=0.05)


def test_scaled_counts_give_the_same_ratios():
    regions = find_regions(head(), AXIAL, PIXEL)
    assert regions.binding(head()) == regions.binding(7 * head())


def test_sides_are_the_patients():
    mirrored = head()[:, :, ::-1]
    found = find_regions(mirrored, (-1, 0, 0, 0, 1, 0), PIXEL).binding(mirrored)
    assert found.right > found.left


def test_the_reference_is_the_back_of_the_head():
    upside_down = head()[:, ::-1]
    regions = find_regions(upside_down, (1, 0, 0, 0, -1, 0), PIXEL)
    assert np.argwhere(regions.reference)[:, 0].max() < 32


@pytest.mark.parametrize("orientation", [None, (0, 1, 0, 0, 0, -1)])
def test_without_known_sides_nothing_is_measured(orientation):
    assert find_regions(head(), orientation, PIXEL) is None
