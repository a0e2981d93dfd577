from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

torch = pytest.importorskip("torch")
from scanserve.contracts.ccta import EVIDENCE_HIGH, EVIDENCE_HU, EVIDENCE_OPENING, HU_HIGH, HU_LOW  # noqa: E402
from scanserve.networks.ccta.evidence import coarse_channels, top_hat  # noqa: E402

pytestmark = pytest.mark.torch


def evidence(hu: np.ndarray) -> np.ndarray:
    return coarse_channels(torch.from_numpy(hu.astype(np.float32)))[1].numpy()


def test_equals_the_morphology_of_scipy() -> None:
    hu = np.random.default_rng(0).normal(100, 300, (20, 24, 22)).astype(np.float32)
    expected = ndimage.white_tophat(np.clip(hu, HU_LOW, HU_HIGH), size=EVIDENCE_OPENING)
    inside = (slice(6, -6),) * 3  # scipy mirrors the image at its faces
    np.testing.assert_allclose(top_hat(torch.from_numpy(hu)).numpy()[inside], expected[inside], atol=1e-3)


def test_a_thin_tube_is_seen_and_a_chamber_is_not() -> None:
    hu = np.full((40, 40, 40), -80.0)
    hu[:, 8:10, 8:10] = 320  # 1.8 mm across
    hu[:, 20:36, 20:36] = 400  # 14 mm across
    found = evidence(hu)
    np.testing.assert_allclose(found[10, 4, 4], 400 / EVIDENCE_HU)
    assert found[:, 10:18, 10:18].max() == 0


def test_bright_steps_are_capped() -> None:
    hu = np.full((16, 16, 16), -500.0)
    hu[8, 8, 8] = 3000
    assert evidence(hu).max() == EVIDENCE_HIGH


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.floats(-300, 300))
def test_an_offset_within_the_window_changes_nothing(seed: int, offset: float) -> None:
    hu = np.random.default_rng(seed).uniform(-30, 530, (12, 12, 12))
    np.testing.assert_allclose(evidence(hu + offset), evidence(hu), atol=1e-5)


def test_the_evidence_of_a_turned_image_is_turned() -> None:
    hu = np.random.default_rng(1).normal(0, 200, (16, 16, 16))
    np.testing.assert_array_equal(evidence(hu.transpose(2, 0, 1)), evidence(hu).transpose(2, 0, 1))
