import io

import numpy as np
import pytest
from matplotlib import colormaps
from PIL import Image

from scanserve.client.dat.figures import render_figures


@pytest.fixture(scope="module")
def figures(restored):
    return {figure.name: figure for figure in render_figures(restored[1])}


def test_one_figure_of_all_methods_and_one_of_each(figures):
    assert list(figures) == ["comparison", "gaussian", "bilateral"]
    for figure in figures.values():
        assert figure.caption
        assert figure.alt
        assert figure.png.startswith(b"\x89PNG")


def test_slices_are_in_the_cool_colour_map(figures):
    pixels = np.asarray(Image.open(io.BytesIO(figures["comparison"].png)).convert("RGB"))
    for value in (0.0, 1.0):
        colour = np.round(255 * np.array(colormaps["cool"](value)[:3]))
        assert (np.abs(pixels - colour).max(axis=-1) <= 2).any()


def test_the_caption_says_which_slices(figures, restored):
    assert f"Slice {restored[1].selected.frames[2]}" in figures["comparison"].caption


@pytest.mark.parametrize(
    ("orientation", "words"),
    [
        ((1, 0, 0, 0, 1, 0), "Right in the image is the patient's left, down is posterior."),
        ((-1, 0, 0, 0, 1, 0), "Right in the image is the patient's right, down is posterior."),
        (None, "left and right cannot be told apart"),
    ],
)
def test_the_caption_says_which_side_is_which_as_the_source_does(restored, orientation, words):
    _, result = restored
    turned = result.model_copy(update={"study": result.study.model_copy(update={"orientation": orientation})})
    assert words in render_figures(turned)[0].caption
