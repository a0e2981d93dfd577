import io

import matplotlib.image
import pytest

from scanserve.client.ccta.figures import render_figures
from tests.support import ccta_samples as samples


@pytest.fixture(scope="module")
def figures():
    result, views = samples.run((40.0, 70.0), client=samples.FakeClient(missing={(40.0, 2)}))
    return render_figures(result, views)


def test_one_of_each(figures):
    vessels = ["rca_by_phase", "lad_by_phase", "lcx_by_phase"]
    names = ["quality_by_phase", *vessels, "best_of_phases", "projections"]
    assert [figure.name for figure in figures] == names
    assert [figure.part for figure in figures] == ["", "RCA", "LAD", "LCX", "", ""]


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


def test_nothing_found_still_gives_the_quality_figure():
    missing = {(40.0, number) for number in range(3)}
    result, views = samples.run((40.0,), client=samples.FakeClient(missing), override="x")
    assert [figure.name for figure in render_figures(result, views)] == ["quality_by_phase"]
