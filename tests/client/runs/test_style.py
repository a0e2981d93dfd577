import io

import matplotlib.image
import numpy as np
import pytest

from scanserve.client.runs.style import DPI, new_figure, png_of
from scanserve.contracts import NOT_FOR_DIAGNOSIS


@pytest.mark.parametrize("arranged", [False, True])
def test_every_figure_carries_the_notice(arranged):
    figure = new_figure(9.5, 4.0, NOT_FOR_DIAGNOSIS, arranged=arranged)
    assert [text.get_text() for text in figure.texts] == [NOT_FOR_DIAGNOSIS]
    pixels = matplotlib.image.imread(io.BytesIO(png_of(figure)))
    assert pixels.shape[:2] == (4.0 * DPI, 9.5 * DPI)
    rows = np.flatnonzero((pixels[..., :3] < 0.9).any(axis=(1, 2)))
    assert rows.min() > (4.0 - 0.2) * DPI


def test_axes_that_are_arranged_keep_clear_of_the_notice():
    figure = new_figure(6.0, 3.0, NOT_FOR_DIAGNOSIS, arranged=True)
    axes = figure.subplots()
    axes.set_xlabel("below the axes")
    png_of(figure)
    low = axes.get_tightbbox().y0
    assert low >= figure.texts[0].get_window_extent().y1


def test_the_same_figure_gives_the_same_bytes():
    assert png_of(new_figure(3.0, 2.0, "x")) == png_of(new_figure(3.0, 2.0, "x"))


@pytest.mark.parametrize("width", [6.3, 9.5, 11.0])
@pytest.mark.parametrize("length", [60, 140, 220, 300])
def test_any_notice_fits_into_the_figure_and_its_edge(width, length):
    figure = new_figure(width, 3.0, ("Trained on $x_1$ m, " * 20)[:length])
    png_of(figure)
    place = figure.texts[0].get_window_extent()
    assert place.x0 >= 0
    assert place.x1 <= width * DPI
    assert 0 <= place.y0 < place.y1 <= 0.25 * DPI
    assert figure.texts[0].get_fontsize() >= 4.5
