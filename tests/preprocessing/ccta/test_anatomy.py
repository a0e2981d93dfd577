import numpy as np
import pytest

from scanserve.preprocessing import Volume
from scanserve.preprocessing.ccta.anatomy import CoarseVolume, contrast_ml, lung_ml
from tests.support.chest import SHAPE, chest, ellipsoid, volume_of


def _coarse(hu: np.ndarray) -> CoarseVolume:
    return CoarseVolume.from_volume(volume_of(hu))


def test_blocks_are_about_three_millimetres():
    coarse = CoarseVolume.from_volume(Volume.at(np.zeros((30, 40, 50), np.int16), (0, 0, 0), (0.4, 0.5, 1.0)))
    assert coarse.size == pytest.approx([3.0, 3.0, 3.2])
    assert coarse.hu.shape == (10, 6, 6)


def test_blocks_of_a_uniform_volume_keep_its_value():
    coarse = CoarseVolume.from_volume(Volume.at(np.full((9, 9, 9), -7, np.int16), (0, 0, 0), (1, 1, 1)))
    assert (coarse.hu.dtype, np.unique(coarse.hu).tolist()) == (np.float32, [-7.0])


def test_millilitres_are_blocks_times_their_size():
    coarse = CoarseVolume(np.array([[[0.0, 100.0, 200.0, 300.0]]], np.float32), np.array([10.0, 10.0, 10.0]))
    assert coarse.millilitres(coarse.within(100, 200)) == 2


def test_an_opening_removes_what_is_thinner_than_its_cube():
    coarse = CoarseVolume(np.zeros((9, 9, 20), np.float32), np.array([3.0, 3.0, 3.0]))
    mask = np.zeros((9, 9, 20), bool)
    mask[1:8, 1:8, 1:8] = True
    mask[1:8, 1:8, 12:14] = True
    opened = coarse.opened(mask, 9.0)
    assert opened[..., :10].sum() == 7**3
    assert not opened[..., 10:].any()


@pytest.mark.parametrize(("share", "left"), [(1.0, 0), (0.997, 0), (0.99, 124), (0.5, 124)])
def test_an_opening_passes_over_what_its_share_allows(share, left):
    coarse = CoarseVolume(np.zeros((9, 9, 9), np.float32), np.array([3.0, 3.0, 3.0]))
    mask = np.zeros((9, 9, 9), bool)
    mask[2:7, 2:7, 2:7] = True
    mask[4, 4, 4] = False
    assert coarse.opened(mask, 15.0, share).sum() == left


def test_contrast_chest_has_anatomy_in_order():
    coarse = _coarse(chest())
    heart = 4 / 3 * np.pi * 50 * 32 * 36 / 1000
    assert 0.6 * heart < contrast_ml(coarse) < 1.1 * heart
    assert lung_ml(coarse) > 1000


def test_bowel_gas_is_no_lung():
    assert lung_ml(_coarse(chest(lung=-1000))) < 100


def test_air_and_foam_around_a_body_are_no_lung():
    hu = np.full(SHAPE, -1000, np.int16)
    hu[ellipsoid((0, -20, 0), (1e6, 70, 100))] = 30
    hu[:, -25:-10] = -930
    assert lung_ml(_coarse(hu)) < 100
