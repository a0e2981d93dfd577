import pytest

from scanserve.client.ccta.figures.best_of_phases import best_of_phases_figure
from scanserve.client.ccta.figures.strips import Strips
from tests.support import ccta_samples as samples


@pytest.fixture(scope="module")
def result_and_views():
    return samples.run()


def test_neighbouring_sections_of_one_phase_are_one_stretch(result_and_views):
    alt = best_of_phases_figure(*result_and_views).alt
    assert "LAD: 0 to 24 mm from 70 %, 24 to 32 mm from 40 %, 32 to " in alt
    assert alt.count(";") == 2


def test_two_strips_a_vessel_and_the_seams_beside_the_second(result_and_views, monkeypatch):
    said = []
    monkeypatch.setattr(Strips, "say_beside", lambda self, row, text: said.append((row, text)))
    best_of_phases_figure(*result_and_views)
    assert [row for row, _ in said] == [0, 1, 2, 3, 4, 5]
    assert said[2][1].endswith("excellent")
    assert said[3] == (3, "2 seams")
