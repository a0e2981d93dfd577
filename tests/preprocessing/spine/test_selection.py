import pytest

from scanserve.contracts import StudyError
from scanserve.preprocessing.radiograph import read_films
from scanserve.preprocessing.spine import check_film, choose_film, notes_on, sides_of
from tests.support import film_factory


def films_of(folder, *settings):
    for number, changes in enumerate(settings, start=1):
        given = {"SeriesNumber": number, **changes}
        film_factory.write(folder, f"{number}.dcm", seed=str(number), **given)
    return read_films(folder).films


def refusal(call, *arguments):
    with pytest.raises(StudyError) as refused:
        call(*arguments)
    return refused.value.code


def test_the_frontal_film_is_chosen_beside_a_lateral_one_and_a_chest(tmp_path):
    films = films_of(tmp_path, {"ViewPosition": "LL"}, {"ViewPosition": "PA"}, {"BodyPartExamined": "CHEST"})
    assert choose_film(films).series_number == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ViewPosition": "LL"}, "not-frontal"),
        ({"ViewPosition": "RLO"}, "not-frontal"),
        ({"BodyPartExamined": "CHEST"}, "no-spine-film"),
        ({"BodyPartExamined": "CSPINE"}, "no-spine-film"),
        ({"BodyPartExamined": "HAND"}, "no-spine-film"),
    ],
)
def test_films_of_something_else_are_refused(tmp_path, changes, code):
    assert refusal(choose_film, films_of(tmp_path, changes)) == code


@pytest.mark.parametrize(
    "changes",
    [
        {"BodyPartExamined": "TSPINE"},
        {"BodyPartExamined": ""},
        {"BodyPartExamined": "CHEST", "SeriesDescription": "Scoliosis standing"},
        {"ViewPosition": ""},
    ],
)
def test_films_that_may_show_the_spine_are_taken(tmp_path, changes):
    assert choose_film(films_of(tmp_path, changes))


def test_two_films_need_a_choice(tmp_path):
    films = films_of(tmp_path, {}, {"ViewPosition": "PA"})
    assert refusal(choose_film, films) == "several-films"
    assert choose_film(films, 2).view == "PA"
    assert refusal(choose_film, films, 7) == "unknown-series"


def test_small_films_and_those_without_a_shape_of_pixels_are_refused(tmp_path):
    (film,) = films_of(tmp_path / "a", {"values": film_factory.shown((200, 100))})
    assert refusal(check_film, film) == "film-too-small"
    (film,) = films_of(tmp_path / "b", {"kind": "SC", "ImagerPixelSpacing": None})
    assert refusal(check_film, film) == "no-pixel-aspect"
    (film,) = films_of(tmp_path / "c", {})
    check_film(film)


@pytest.mark.parametrize(
    ("orientation", "sides"),
    [
        (["L", "F"], "patient's left"),
        (["R", "F"], "patient's right"),
        (["", ""], "unknown"),
        (["LP", "F"], "patient's left"),
        (["A", "F"], "unknown"),
    ],
)
def test_sides_are_those_of_the_header(tmp_path, orientation, sides):
    (film,) = films_of(tmp_path, {"PatientOrientation": orientation})
    assert sides_of(film) == sides


def test_what_the_header_does_not_say_is_noted(tmp_path):
    (film,) = films_of(tmp_path / "a", {})
    assert notes_on(film) == ()
    changes = {"ViewPosition": None, "PatientOrientation": None, "ImagerPixelSpacing": None}
    (film,) = films_of(tmp_path / "b", changes)
    assert [note.code for note in notes_on(film)] == ["view-unknown", "aspect-assumed", "sides-unknown"]


def test_words_of_a_header_that_are_none_of_the_standard_are_not_repeated(tmp_path):
    films = films_of(tmp_path, {"BodyPartExamined": "MUELLER", "ViewPosition": "JOHN"})
    with pytest.raises(StudyError) as refused:
        choose_film(films)
    assert "MUELLER" not in refused.value.message
    assert "another body part" in refused.value.message
