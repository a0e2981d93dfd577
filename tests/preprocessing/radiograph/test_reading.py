"""Folders with films, of DICOM and of pictures, and with everything else."""

import numpy as np
import pytest
from PIL import Image

from scanserve.contracts import StudyError
from scanserve.preprocessing.radiograph import read_films
from tests.support import film_factory, nm_factory


def codes(findings):
    return {finding.code for finding in findings}


def refusal(*arguments, **options):
    with pytest.raises(StudyError) as refused:
        read_films(*arguments, **options)
    return refused.value


@pytest.mark.parametrize("kind", ["CR", "DX", "SC"])
def test_a_film_of_each_class_is_read(tmp_path, kind):
    films = read_films(film_factory.write(tmp_path, kind=kind))
    (film,) = films.films
    assert (film.kind, film.shape, film.view, film.body_part) == (kind, film_factory.SHAPE, "AP", "SPINE")
    np.testing.assert_allclose(film.load().values, film_factory.shown(), atol=2e-3)


def test_other_images_are_skipped_and_an_empty_search_says_what_was_found(tmp_path):
    nm_factory.write(tmp_path)
    assert refusal(tmp_path).code == "no-film"
    assert "Nuclear Medicine" in refusal(tmp_path).message
    assert {group.code for group in read_films(film_factory.write(tmp_path)).skipped} == {"not-cr"}


def test_captures_of_another_modality_are_no_films(tmp_path):
    assert refusal(film_factory.write(tmp_path, kind="SC", Modality="CT")).code == "no-film"


def test_copies_count_once_and_two_studies_are_refused(tmp_path):
    film_factory.write(tmp_path, "a.dcm")
    film_factory.write(tmp_path, "b.dcm")
    assert len(read_films(tmp_path).films) == 1
    film_factory.write(tmp_path, "c.dcm", seed="2", StudyInstanceUID="1.2.3")
    assert refusal(tmp_path).code == "mixed-studies"


def test_pictures_are_read_only_where_asked_for(tmp_path):
    grey = np.rint(film_factory.shown() * 255).astype(np.uint8)
    Image.fromarray(grey).save(tmp_path / "film.png")
    assert refusal(tmp_path).code == "no-film"
    (film,) = read_films(tmp_path, pictures=True, aspect=1.0).films
    assert (film.kind, film.is_dicom, film.scale.source) == ("picture", False, "caller")
    np.testing.assert_allclose(film.load().values, film_factory.shown(), atol=0.02)
    (film,) = read_films(tmp_path, pictures=True).films
    assert film.scale is None


def test_pictures_in_grey_colours_are_grey_and_others_are_refused(tmp_path):
    grey = np.rint(film_factory.shown() * 255).astype(np.uint8)
    Image.fromarray(np.stack([grey] * 3, axis=-1)).save(tmp_path / "film.jpg", quality=95)
    (film,) = read_films(tmp_path, pictures=True).films
    np.testing.assert_allclose(film.load().values, film_factory.shown(), atol=0.1)
    Image.fromarray(np.stack([grey, grey, 255 - grey], axis=-1)).save(tmp_path / "film.jpg")
    (film,) = read_films(tmp_path, pictures=True).films
    with pytest.raises(StudyError) as refused:
        film.load()
    assert refused.value.code == "undecodable-pixels"


def test_a_cut_picture_is_refused(tmp_path):
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (300, 200)).astype(np.uint8)).save(
        tmp_path / "film.png"
    )
    data = (tmp_path / "film.png").read_bytes()
    (tmp_path / "film.png").write_bytes(data[: len(data) // 2])
    (film,) = read_films(tmp_path, pictures=True).films
    with pytest.raises(StudyError) as refused:
        film.load()
    assert refused.value.code == "undecodable-pixels"


def test_sixteen_bit_pictures_keep_their_steps(tmp_path):
    deep = np.linspace(0, 65535, 300 * 100).astype(np.uint16).reshape(300, 100)
    Image.fromarray(deep).save(tmp_path / "film.png")
    (film,) = read_films(tmp_path, pictures=True).films
    assert len(np.unique(film.load().values)) > 256


def test_a_film_of_one_value_is_refused(tmp_path):
    (film,) = read_films(film_factory.write(tmp_path, values=np.full((300, 100), 0.5))).films
    with pytest.raises(StudyError) as refused:
        film.load()
    assert refused.value.code == "blank-film"


def test_a_cut_film_is_refused(tmp_path):
    film_factory.write(tmp_path)
    data = (tmp_path / "film.dcm").read_bytes()
    (tmp_path / "film.dcm").write_bytes(data[:-5000])
    (film,) = read_films(tmp_path).films
    with pytest.raises(StudyError) as refused:
        film.load()
    assert refused.value.code == "truncated-file"


def test_a_film_of_eight_bits_is_noted(tmp_path):
    (film,) = read_films(film_factory.write(tmp_path, kind="SC", bits=8)).films
    assert "eight-bit" in codes(film.findings)


def test_the_hash_tells_films_apart(tmp_path):
    (first,) = read_films(film_factory.write(tmp_path / "a")).films
    (same,) = read_films(film_factory.write(tmp_path / "b", seed="2")).films
    (other,) = read_films(film_factory.write(tmp_path / "c", values=0.9 * film_factory.shown())).films
    assert first.load().sha256 == same.load().sha256 != other.load().sha256
