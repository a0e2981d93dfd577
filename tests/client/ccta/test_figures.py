import io

import matplotlib.image
import numpy as np
import pytest

from scanserve.client.ccta.figures import VESSEL_COLOURS, render_figures, render_waterfall
from scanserve.client.ccta.result import TimeSpan
from scanserve.contracts.ccta import VESSELS
from tests.support import ccta_samples as samples


@pytest.fixture(scope="module")
def figures():
    result, views = samples.run((40.0, 70.0), client=samples.FakeClient(missing={(40.0, 2)}))
    return [*render_figures(result, views), render_waterfall(result.timing.spans)]


def test_one_of_each(figures):
    assert [figure.name for figure in figures] == [
        "quality_by_phase", "rca_by_phase", "lad_by_phase", "lcx_by_phase", "best_of_phases", "projections",
        "timing",
    ]  # fmt: skip


def test_they_are_pictures_with_something_on_them(figures):
    for figure in figures:
        pixels = matplotlib.image.imread(io.BytesIO(figure.png))
        assert 900 < pixels.shape[1] < 1400
        assert pixels[..., :3].std() > 0.05


def test_they_speak_to_those_who_cannot_see_them(figures):
    named = {figure.name: figure for figure in figures}
    assert "best phase 40 %" in named["rca_by_phase"].alt
    assert "RCA: 40 % 0.90" in named["quality_by_phase"].alt
    assert all(figure.caption and figure.title for figure in figures)


def test_every_figure_carries_the_notice(monkeypatch):
    from matplotlib.figure import Figure

    said = []
    monkeypatch.setattr(Figure, "text", lambda self, x, y, text, **style: said.append(text))
    render_waterfall([])
    assert said == [samples.NOTICE]


def test_the_same_input_gives_the_same_bytes():
    spans = [TimeSpan(stage="read", phase="40 %", start_s=0.0, duration_s=1.5)]
    assert render_waterfall(spans).png == render_waterfall(spans).png


def test_nothing_found_still_gives_the_quality_figure():
    missing = {(40.0, number) for number in range(3)}
    result, views = samples.run((40.0,), client=samples.FakeClient(missing), override="x")
    assert [figure.name for figure in render_figures(result, views)] == ["quality_by_phase"]


def test_vessel_colours_differ_in_grey():
    grey = [
        np.dot([int(VESSEL_COLOURS[v.abbreviation][i : i + 2], 16) for i in (1, 3, 5)], (0.3, 0.59, 0.11))
        for v in VESSELS
    ]
    assert len(set(VESSEL_COLOURS.values())) == 3
    assert max(grey) - min(grey) > 20
