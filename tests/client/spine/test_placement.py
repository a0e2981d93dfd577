import numpy as np
import pytest

from scanserve.client.spine.placement import Placement, Square

POINTS = np.array([[0.0, 0.0], [12.5, 7.25], [99.0, 59.0]])


def test_a_placement_leads_there_and_back():
    placement = Placement(0.5, 3.0, -2.0)
    np.testing.assert_allclose(placement.to_network([[4, 8]]), [[5, 2]])
    np.testing.assert_allclose(placement.to_film(placement.to_network(POINTS)), POINTS)


def test_square_pixels_are_left_alone():
    values = np.random.default_rng(1).random((60, 100), np.float32)
    square = Square.of(values, (0.2, 0.2))
    assert square.values is values
    np.testing.assert_allclose(square.to_film(POINTS), POINTS)


@pytest.mark.parametrize(("pixel", "shape"), [((0.4, 0.2), (120, 100)), ((1.0, 1.5), (60, 150))])
def test_other_pixels_are_made_square(pixel, shape):
    square = Square.of(np.zeros((60, 100), np.float32), pixel)
    assert square.values.shape == shape
    np.testing.assert_allclose(square.to_film(square.from_film(POINTS)), POINTS)


def test_a_mark_stays_where_it_is():
    values = np.zeros((60, 100), np.float32)
    values[20, 30] = 1
    square = Square.of(values, (0.4, 0.2))
    rows, columns = np.indices(square.values.shape)
    centre = [(square.values * part).sum() / square.values.sum() for part in (columns, rows)]
    np.testing.assert_allclose(square.to_film(centre), [30, 20], atol=0.02)


def test_films_larger_than_the_contract_allows_become_smaller():
    square = Square.of(np.zeros((9000, 10), np.float32), (1.0, 1.0))
    assert max(square.values.shape) <= 8192
    np.testing.assert_allclose(square.to_film(square.from_film([[4.0, 8999.0]])), [[4, 8999]])


def test_films_of_more_bytes_than_the_contract_allows_become_smaller():
    square = Square.of(np.zeros((8000, 8000), np.float32), (1.0, 1.0))
    assert square.values.nbytes <= 3 << 26
    np.testing.assert_allclose(square.to_film(square.from_film([[7.0, 7999.0]])), [[7, 7999]])
