import numpy as np
import pytest
from skimage.restoration import denoise_bilateral

from scanserve.client.dat.filters import FILTERS, Bilateral, Gaussian


def spot(size=21):
    image = np.zeros((1, size, size), np.float32)
    image[0, size // 2, size // 2] = 1
    return image


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_a_filter_keeps_shape_type_and_a_flat_image_and_needs_no_server(name):
    flat = np.full((3, 64, 64), 0.5, np.float32)
    made = FILTERS[name](flat)
    assert (made.shape, made.dtype) == (flat.shape, np.float32)
    assert made == pytest.approx(flat)
    assert FILTERS[name].models == ()
    assert FILTERS[name].name == name


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_a_filter_takes_each_slice_alone_and_is_symmetric(name):
    rng = np.random.default_rng(0)
    slices = rng.random((2, 32, 32)).astype(np.float32)
    made = FILTERS[name](slices)
    assert FILTERS[name](slices[1:]) == pytest.approx(made[1:])
    assert FILTERS[name](slices[:, ::-1]) == pytest.approx(made[:, ::-1], rel=1e-5)
    assert FILTERS[name](slices.transpose(0, 2, 1)) == pytest.approx(made.transpose(0, 2, 1), rel=1e-5)


def test_gaussian_has_its_width():
    made = Gaussian(1.5)(spot())[0]
    offsets = np.arange(21) - 10
    assert (made * offsets**2).sum() == pytest.approx(1.5**2, rel=0.01)


def test_bilateral_with_a_wide_range_is_a_gaussian():
    wide = Bilateral(1.0, 1e6)(spot())
    weights = np.exp(-0.5 * (np.arange(-3, 4) ** 2))
    weights /= weights.sum()
    assert wide[0, 7:14, 7:14] == pytest.approx(np.outer(weights, weights), rel=1e-4)


def test_bilateral_keeps_an_edge_that_a_gaussian_blurs():
    edge = np.zeros((1, 32, 32), np.float32)
    edge[:, :, 16:] = 1
    assert Bilateral(2.0, 0.1)(edge) == pytest.approx(edge, abs=1e-3)
    assert np.abs(Gaussian(2.0)(edge) - edge).max() > 0.3


def test_the_library_s_bilateral_filter_is_still_askew():
    """When this fails, scikit-image is mended and the own filter can go."""
    image = np.exp(-((np.indices((33, 33)) - 16.0)[0] ** 2) / 30) * np.exp(
        -((np.indices((33, 33)) - 16.0)[1] ** 2) / 30
    )
    made = denoise_bilateral(image, win_size=7, sigma_color=0.2, sigma_spatial=1.0)
    assert np.abs(made - made[::-1]).max() > 0.1
