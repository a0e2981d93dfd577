from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")
from scanserve.networks.ccta.resample import axis_weights, contract, resample_hu  # noqa: E402

pytestmark = pytest.mark.torch


def weights(start: float, step: float, count: int, size: int) -> np.ndarray:
    samples = torch.arange(size, dtype=torch.float32)
    return axis_weights(torch.tensor(start), torch.tensor(step), count, samples).numpy()


def test_the_identity_grid_gives_the_identity() -> None:
    np.testing.assert_allclose(weights(0.0, 1.0, 5, 5), np.eye(5), atol=1e-6)


def test_halfway_is_linear_interpolation() -> None:
    np.testing.assert_allclose(weights(0.5, 1.0, 2, 3), [[0.5, 0.5, 0], [0, 0.5, 0.5]], atol=1e-6)


def test_a_step_of_two_widens_the_triangle() -> None:
    np.testing.assert_allclose(weights(2.0, 2.0, 1, 5), [[0, 0.25, 0.5, 0.25, 0]], atol=1e-6)


def test_outside_the_volume_rows_are_zero() -> None:
    rows = weights(-0.6, 1.1, 3, 1)  # -0.6 outside, 0.5 on the last edge, 1.6 outside
    np.testing.assert_allclose(rows, [[0], [1], [0]], atol=1e-6)


@settings(max_examples=50, deadline=None)
@given(st.floats(-20, 20), st.floats(0.1, 8), st.integers(1, 40))
def test_rows_sum_to_one_inside_and_zero_outside(start: float, step: float, size: int) -> None:
    rows = weights(start, step, 12, size)
    positions = np.float32(start) + np.float32(step) * np.arange(12, dtype=np.float32)
    inside = (positions >= np.float32(-0.501)) & (positions <= np.float32(size - 1) + np.float32(0.501))
    np.testing.assert_allclose(rows.sum(axis=1), inside.astype(float), atol=1e-5)
    assert (rows >= 0).all()


@pytest.mark.parametrize("blocks", [1, 2, 3, 8])
def test_contract_is_the_tensor_product(blocks: int) -> None:
    rng = np.random.default_rng(0)
    volume = rng.random((5, 6, 7), dtype=np.float32)
    matrices = [rng.random((count, size), dtype=np.float32) for count, size in ((2, 5), (3, 6), (4, 7))]
    expected = np.einsum("zyx,az,by,cx->abc", volume, *matrices)
    found = contract(torch.from_numpy(volume), [torch.from_numpy(m) for m in matrices], blocks)
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-5)


def test_blocks_skip_only_zeros() -> None:
    rng = np.random.default_rng(1)
    volume = torch.from_numpy(rng.random((40, 30, 50), dtype=np.float32))
    bands = [torch.from_numpy(weights(-4.0, 1.7, 24, size)) for size in volume.shape]
    np.testing.assert_allclose(contract(volume, bands, 8), contract(volume, bands), atol=1e-5)


def test_outside_the_volume_is_air() -> None:
    volume = torch.tensor([[[2850, -849]]], dtype=torch.int16)  # mean 1000.5
    half = torch.tensor([[0.5, 0.5], [0.0, 0.0]])
    whole = torch.ones(1, 1)
    found = resample_hu(volume, (whole, whole, half))
    assert found.tolist() == [[[1000.5, -1024.0]]]
