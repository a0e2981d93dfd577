import numpy as np
import pytest

from scanserve.client.ccta.figures.strips import ROW_MM, STRIP_MM, Strips
from scanserve.contracts.ccta import STEP_MM


@pytest.mark.parametrize(("length_mm", "extent_mm"), [(140.0, 142.0), (60.0, 112.0)])
def test_strips_keep_their_proportions_and_short_vessels_are_not_blown_up(length_mm, extent_mm):
    strips = Strips.of(3, length_mm, "Not for diagnosis.")
    assert strips.extent_mm == extent_mm
    place, figure = strips.axes.get_position(), strips.figure
    along = place.width * figure.get_figwidth() / extent_mm
    across = place.height * figure.get_figheight() / (3 * ROW_MM)
    assert along == pytest.approx(across)


def test_a_cut_is_the_mean_of_the_two_middle_rows():
    image = np.zeros((100, 32, 32), np.int16)
    image[:, 15], image[:, 16] = 100, 300
    strips = Strips.of(1, 50.0, "Not for diagnosis.")
    strips.draw_cut(0, image)
    (drawn,) = strips.axes.get_images()
    assert drawn.get_array().shape == (32, 100)
    assert set(np.unique(drawn.get_array())) == {200.0}
    assert drawn.get_extent() == [0.0, 100 * STEP_MM, STRIP_MM, 0.0]
