import io

import matplotlib.image
import numpy as np
import pytest

from scanserve.client.runs.style import DPI, new_figure, png_of
from scanserve.contracts import NOT_FOR_DIAGNOSIS


@pytest.mark.parametrize("arranged", [False, True])
def test_every_figure_carries_the_notice(arranged):
    figure = new_figure(9.5, 4.0, arranged=arranged)
    assert [text.get_text() for text in figure.texts] == [NOT_FOR_DIAGNOSIS]
    pixels = matplotlib.image.imread(io.BytesIO(png_of(figure)))
    assert pixels.shape[:2] == (4.0 * DPI, 9.5 * DPI)
    rows = np.flatnonzero((pixels[..., :3] < 0.9).any(axis=(1, 2)))
    assert rows.min() > (4.0 - 0.2) * DPI


def test_axes_that_are_arranged_keep_clear_of_the_notice():
    figure = new_figure(6.0, 3.0, arranged=True)
    axes = figure.subplots()
    axes.set_xlabel("below the axes")
    png_of(figure)
    low = axes.get_tightbbox().y0
    assert low >= figure.texts[0].get_window_extent().y1


def test_the_same_figure_gives_the_same_bytes():
    assert png_of(new_figure(3.0, 2.0)) == png_of(new_figure(3.0, 2.0))
