import io

import numpy as np
from PIL import Image

from scanserve.client.spine.figures import render_figures


def test_the_overlay_shows_every_vertebra_and_the_curve(measured, samples):
    _, result = measured
    (figure,) = render_figures(result, samples.shown().astype(np.float32))
    assert figure.name == "overlay"
    assert "T1 to L5 30.0 degrees" in figure.alt
    with Image.open(io.BytesIO(figure.png)) as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    orange = (np.abs(pixels - (255, 176, 0)).sum(axis=2) < 40).sum()
    assert orange > 300
    assert (np.abs(pixels - (0x7F, 0xE3, 0xFF)).sum(axis=2) < 60).sum() > 300


def test_a_straight_spine_has_no_lines(samples, measured):
    _, result = measured
    (figure,) = render_figures(result.model_copy(update={"curves": []}), samples.shown().astype(np.float32))
    assert "curves: none" in figure.alt
