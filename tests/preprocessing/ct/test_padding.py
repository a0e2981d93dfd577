from dataclasses import replace

import numpy as np
import pytest

from scanserve.preprocessing.ct.padding import is_doubtful, padded
from scanserve.preprocessing.ct.rescale import Rescale
from tests.support.ct_slices import PIXEL_FORMAT, ct_slice, frame


@pytest.mark.parametrize(
    ("padding", "rescale", "doubtful"),
    [
        (None, Rescale(1, 0), False),
        ((0, 0), Rescale(1, 0), True),
        ((0, 0), Rescale(1, -1024), False),
        ((0, 24), Rescale(1, -1024), False),
        ((0, 25), Rescale(1, -1024), True),
        ((-2000, -2000), Rescale(1, -1024), False),
        ((63536, 63536), Rescale(1, -1024), False),
        ((2000, 2005), Rescale(1, -1024), True),
    ],
)
def test_padding_is_doubtful_where_tissue_may_have_its_value(padding, rescale, doubtful):
    assert is_doubtful(ct_slice(padding=padding, rescale=rescale)) is doubtful


def _padded(image, words, values=None) -> list[list[int]]:
    words = np.array(words)
    found = padded(image, words, words if values is None else np.array(values))
    return found.astype(int).tolist()


def test_no_padding_is_none():
    pixels = np.zeros((2, 2), np.int16)
    assert padded(ct_slice(), pixels, pixels) is None


def test_a_value_and_a_range():
    assert _padded(ct_slice(padding=(-2000, -2000)), [[-2000, -1999]]) == [[1, 0]]
    assert _padded(ct_slice(padding=(-2000, -1999)), [[-2000, -1999, -1998]]) == [[1, 1, 0]]


def test_doubtful_padding_reaches_a_corner():
    image = ct_slice(padding=(0, 0), rescale=Rescale(1, 0))
    pixels = [[0, 0, 7, 0], [0, 7, 0, 7], [7, 0, 7, 7], [7, 7, 7, 7]]
    assert _padded(image, pixels) == [[1, 1, 0, 1], [1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]


def test_water_inside_is_no_padding():
    image = ct_slice(padding=(0, 0), rescale=Rescale(1, 0))
    assert _padded(image, [[7, 7, 7], [7, 0, 7], [7, 7, 7]]) == [[0] * 3] * 3


def test_padding_that_is_longer_than_the_stored_bits():
    form = replace(PIXEL_FORMAT, bits_stored=12, signed=False)
    image = ct_slice(padding=(63536, 63536), frame=frame(pixel_format=form))
    words = np.array([[63536, 2096]], np.uint16)
    assert _padded(image, words, words & 0xFFF) == [[1, 0]]


def test_bits_above_the_stored_ones_hide_no_padding():
    form = replace(PIXEL_FORMAT, bits_stored=12, signed=False)
    image = ct_slice(padding=(0, 0), frame=frame(pixel_format=form))
    words = np.array([[0xF000, 0, 5]], np.uint16)
    assert _padded(image, words, words & 0xFFF) == [[1, 1, 0]]


def test_words_of_values_in_the_upper_bits_are_not_compared():
    form = replace(PIXEL_FORMAT, bits_stored=12, signed=False, shift=4)
    image = ct_slice(padding=(16, 16), frame=frame(pixel_format=form))
    words = np.array([[16, 256]], np.uint16)
    assert _padded(image, words, words >> 4) == [[0, 1]]
