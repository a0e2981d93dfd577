import numpy as np
import pytest

from scanserve.phantoms.dat import Protocol, Scan
from scanserve.phantoms.dat.slices import make_slices


@pytest.fixture(scope="module")
def scan():
    return Scan.sample(1)


def test_the_same_seed_gives_the_same_protocol_within_the_published_range():
    for seed in range(30):
        own = Protocol.sample(seed)
        assert own == Protocol.sample(seed)
        assert 59 <= own.slices <= 83


def test_the_short_counts_are_a_fifth_of_the_long_ones(scan):
    short, long = scan._counts
    assert (short <= long).all()
    assert short.sum() / long.sum() == pytest.approx(0.2, abs=0.002)
    assert long.sum() == pytest.approx(scan.protocol.counts, rel=0.005)


def test_five_times_the_counts_give_less_noise_around_the_same_image(scan):
    inside = scan.expected > 0.3 * scan.expected.max()
    short, long = (np.std((image - scan.expected)[inside]) for image in (scan.short, scan.reference))
    assert short / long == pytest.approx(np.sqrt(5), rel=0.25)
    assert scan.short[inside].sum() == pytest.approx(scan.expected[inside].sum(), rel=0.03)


def test_slices_are_on_the_scale_of_the_noisy_one():
    found = make_slices(1)
    assert set(found) == {"noisy", "reference", "expected"}
    for image in found.values():
        assert (image.shape, image.dtype) == ((5, 64, 64), np.float32)
    assert found["noisy"].max(axis=(1, 2)) == pytest.approx(1)
    assert 0.5 < found["reference"].max() < 1.5
    errors = [np.abs(found[name] - found["expected"]).mean() for name in ("noisy", "reference")]
    assert errors[1] < errors[0]
