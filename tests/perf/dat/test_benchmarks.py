"""The DaTSCAN benchmark: its slices, its parts, and engines that agree."""

import numpy as np
import pytest

from scanserve.contracts.dat import IMAGE_SIZE, SLICES
from scanserve.perf.dat import benchmarks as dat


def test_slices_of_phantoms_are_scaled_and_one_study_after_another():
    two = dat.phantom_slices(2)

    assert two.shape == (2 * SLICES, IMAGE_SIZE, IMAGE_SIZE)
    assert two.dtype == np.float32
    assert 0 <= two.min() < two.max() <= 1
    np.testing.assert_array_equal(dat.phantom_slices(1), two[:SLICES])


def test_parts_are_of_the_size_and_in_order():
    slices, sizes = np.arange(7, dtype=np.float32)[:, None, None] * np.ones((1, 2, 2), np.float32), []

    def restore(part):
        sizes.append(len(part))
        return 2 * part

    np.testing.assert_array_equal(dat.in_parts(restore, slices, 3), 2 * slices)
    assert sizes == [3, 3, 1]


@pytest.mark.torch
def test_the_engines_agree(root):
    slices = dat.phantom_slices(1)
    peers = dat._engines(root / "model_repository" / "dat_denoise" / "1" / "model.onnx", slices, 2)
    runtime, torch = (peer.prepare()() for peer in peers)

    assert [peer.title for peer in peers] == ["onnxruntime in process", "torch eager"]
    np.testing.assert_allclose(runtime, torch, atol=1e-4)
    assert dat._agreement(runtime, runtime) == "differs by at most 0 of a slice's maximum"
