import io

import matplotlib.image

from scanserve.client.runs.records import TimeSpan
from scanserve.client.runs.timeline import render_timeline

SPANS = [TimeSpan(stage="read", part="40 %", start_s=0.0, duration_s=1.5)]


def test_it_is_a_picture_with_something_on_it():
    figure = render_timeline(SPANS, "Not for diagnosis.")
    pixels = matplotlib.image.imread(io.BytesIO(figure.png))
    assert figure.name == "timing"
    assert 900 < pixels.shape[1] < 1400
    assert pixels[..., :3].std() > 0.05


def test_the_same_input_gives_the_same_bytes():
    assert (
        render_timeline(SPANS, "Not for diagnosis.").png == render_timeline(SPANS, "Not for diagnosis.").png
    )


def test_nothing_recorded_is_an_empty_timeline():
    assert render_timeline([], "Not for diagnosis.").png.startswith(b"\x89PNG")
