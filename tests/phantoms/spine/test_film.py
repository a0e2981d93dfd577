import numpy as np
import pytest

from scanserve.phantoms.spine.film import TRAINING_SHAPE, TRAINING_SPINE, make_film, training_film


@pytest.mark.parametrize("seed", range(6))
def test_grey_values_and_points_of_a_film(seed):
    film = make_film(seed, "training", rows=500)
    assert film.grey.dtype == np.float32
    assert film.grey.shape[0] == 500
    assert 0 <= film.grey.min() < film.grey.max() <= 1
    size = np.array(film.grey.shape[::-1])
    inside = ((film.points >= -0.5) & (film.points <= size - 0.5)).all(axis=1)
    assert (inside == ~film.outside).all()
    assert inside.mean() > 0.6


def test_the_same_seed_gives_the_same_film():
    first, second, other = make_film(3, rows=400), make_film(3, rows=400), make_film(4, rows=400)
    assert np.array_equal(first.grey, second.grey)
    assert np.array_equal(first.points, second.points)
    assert first.points.shape == other.points.shape
    assert not np.array_equal(first.points, other.points)


def test_a_film_of_more_rows_shows_the_same_patient():
    small, large = make_film(5, rows=400), make_film(5, rows=800)
    np.testing.assert_allclose(large.points / 800, small.points / 400, atol=2e-3)


def test_training_films_have_one_size_and_one_length_of_spine():
    for seed in range(3):
        film = training_film(seed)
        assert film.grey.shape == TRAINING_SHAPE
        assert np.ptp(film.points[:, 1]) == pytest.approx(TRAINING_SPINE)


def test_some_training_films_end_within_the_spine():
    assert any(make_film(seed, "training", rows=300).outside.any() for seed in range(40))


def test_vertebrae_are_brighter_than_what_lies_beside_them():
    """Averaged over films: the middle of each body against points beside the spine at its height."""
    contrast = []
    for seed in range(8):
        film = make_film(seed, rows=500)
        centres = film.points.reshape(17, 4, 2).mean(axis=1)
        width = np.linalg.norm(film.points[1] - film.points[0])
        contrast += [at(film, centre) - at(film, centre + np.array([1.6 * width, 0])) for centre in centres]
    assert np.mean(contrast) > 0.03


def at(film, place):
    x, y = np.clip(np.rint(place).astype(int), 0, np.array(film.grey.shape[::-1]) - 1)
    return float(film.grey[y, x])
