import numpy as np
import pytest

from scanserve.contracts import StudyError
from scanserve.preprocessing.radiograph import read_films
from scanserve.preprocessing.spine import show
from tests.support import film_factory

LYING = {"PhotometricInterpretation": "MONOCHROME1"}
CONTRADICTORY = {**LYING, "PresentationLUTShape": "IDENTITY"}
FLAT = np.random.default_rng(1).random((300, 100))


def film_of(folder, **settings):
    return read_films(film_factory.write(folder, **settings)).films[0]


def test_a_true_film_is_shown_without_a_note(tmp_path):
    assert show(film_of(tmp_path)).findings == ()


def test_a_film_whose_pixels_say_the_reverse_of_its_header_is_refused(tmp_path):
    with pytest.raises(StudyError) as refused:
        show(film_of(tmp_path, **LYING))
    assert refused.value.code == "inconsistent-photometry"


def test_whoever_looked_may_say_how_it_is(tmp_path):
    film = film_of(tmp_path, **LYING)
    shown = show(film, "reversed")
    np.testing.assert_allclose(shown.image.values, film_factory.shown(), atol=2e-3)
    assert [note.code for note in shown.findings] == ["photometry-told"]
    np.testing.assert_allclose(show(film, "stated").image.values, 1 - film_factory.shown(), atol=2e-3)


def test_where_the_header_contradicts_itself_the_pixels_decide_if_they_can(tmp_path):
    shown = show(film_of(tmp_path / "a", values=1 - film_factory.shown(), **CONTRADICTORY))
    assert [note.code for note in shown.findings] == ["photometry-doubtful"]
    with pytest.raises(StudyError) as refused:
        show(film_of(tmp_path / "b", values=FLAT, **CONTRADICTORY))
    assert refused.value.code == "inconsistent-photometry"
