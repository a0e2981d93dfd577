import numpy as np
import pytest

from scanserve.contracts import StudyError
from scanserve.preprocessing.dat import select_slices


def volume(brightest=4, slices=9, size=128):
    counts = np.ones((slices, size, size), np.float32)
    counts += np.arange(slices)[:, None, None]
    counts[brightest, size // 2, size // 2] = 100
    return counts


def code_of(counts):
    with pytest.raises(StudyError) as caught:
        select_slices(counts)
    return caught.value.code


def test_the_brightest_slice_and_two_on_either_side():
    selection = select_slices(volume())
    assert selection.indices == (2, 3, 4, 5, 6)
    assert (selection.row, selection.column) == (32, 32)
    assert selection.scales == (3, 4, 100, 6, 7)


def test_each_slice_is_divided_by_its_own_greatest_count():
    counts = volume()
    cut = select_slices(counts).cut(counts)
    assert (cut.shape, cut.dtype) == ((5, 64, 64), np.float32)
    assert cut.max(axis=(1, 2)) == pytest.approx(1)


def test_the_greatest_count_is_that_of_the_whole_slice_before_the_crop():
    counts = volume()
    counts[4, 0, 0] = 200
    assert select_slices(counts).cut(counts)[2].max() == pytest.approx(0.5)


def test_what_was_cut_comes_back_to_its_place():
    counts = volume()
    selection = select_slices(counts)
    back = selection.put_back(selection.cut(counts), (128, 128))
    assert back[:, 32:96, 32:96] == pytest.approx(counts[2:7, 32:96, 32:96], rel=1e-6)
    assert back.sum() == pytest.approx(back[:, 32:96, 32:96].sum())


def test_what_cannot_be_cut_is_refused():
    assert code_of(volume(brightest=1)) == "striatum-at-edge"
    assert code_of(volume(brightest=7)) == "striatum-at-edge"
    assert code_of(volume(brightest=2, slices=4)) == "too-few-slices"
    assert code_of(volume(size=32)) == "matrix-too-small"
    counts = volume()
    counts[3] = 0
    assert code_of(counts) == "no-counts"
