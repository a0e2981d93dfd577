import numpy as np
import pytest

from scanserve.evaluation.dat.likeness import psnr, ssim

IMAGE = np.random.default_rng(0).random((3, 32, 32))


def test_psnr_of_a_constant_error_is_closed_form():
    assert psnr(IMAGE, IMAGE + 0.1) == pytest.approx(20)
    assert psnr(IMAGE, IMAGE) == np.inf


def test_psnr_is_the_mean_of_the_slices():
    other = IMAGE.copy()
    other += np.array([0.1, 0.01, 0.001])[:, None, None]
    assert psnr(IMAGE, other) == pytest.approx((20 + 40 + 60) / 3)


def test_ssim_is_one_for_equal_images_and_falls_with_noise():
    noise = np.random.default_rng(1).standard_normal(IMAGE.shape)
    values = [ssim(IMAGE, IMAGE + sigma * noise) for sigma in (0.0, 0.05, 0.2)]
    assert values[0] == pytest.approx(1)
    assert values == sorted(values, reverse=True)
