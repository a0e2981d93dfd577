import numpy as np
import pytest

from scanserve.phantoms.spine.canvas import Canvas, View
from scanserve.phantoms.spine.vertebra import Vertebra, draw_vertebra

SQUARE = np.array([[-0.5, -0.3], [0.5, -0.3], [-0.5, 0.3], [0.5, 0.3]])
VIEW = View(rows=200, columns=300, scale=100.0, x=150.0, y=100.0)


def drawn(**settings):
    canvas = Canvas(VIEW)
    draw_vertebra(canvas, Vertebra(SQUARE, 0.5, **settings))
    return canvas.values


def test_endplates_lie_at_the_corners_of_the_truth():
    """The brightest rows are within 2 px of the upper and the lower edge."""
    profile = drawn(clear=0.0)[:, 130:170].mean(axis=1)
    upper, lower = profile[:100].argmax(), 100 + profile[100:].argmax()
    assert abs(upper - 70) <= 2
    assert abs(lower - 130) <= 2


def test_without_rotation_both_sides_are_alike():
    values = drawn()
    np.testing.assert_allclose(values[:, 51:250], values[:, 51:250][:, ::-1], atol=1e-4)


def test_rotation_moves_the_spinous_process():
    difference = drawn(rotation=0.4) - drawn()
    assert difference[110:140, 175:200].max() > 0.02


def test_contrast_is_a_factor():
    np.testing.assert_allclose(drawn(bone=2.0), 2 * drawn(bone=1.0), rtol=1e-5)


def test_a_vertebra_outside_the_film_is_not_drawn():
    canvas = Canvas(VIEW)
    draw_vertebra(canvas, Vertebra(SQUARE + 100, 0.0))
    assert canvas.values.max() == pytest.approx(0)
