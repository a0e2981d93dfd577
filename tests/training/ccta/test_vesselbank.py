from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch")
from scanserve.contracts.ccta import QUALITY_CLASSES
from scanserve.training.ccta.vesselbank import soft_classes

pytestmark = pytest.mark.torch


def test_the_centre_of_a_class_is_that_class_alone() -> None:
    blur = np.array([quality.blur_mm for quality in QUALITY_CLASSES])
    np.testing.assert_allclose(soft_classes(blur), np.eye(len(QUALITY_CLASSES)), atol=1e-6)


@given(st.floats(0, 50))
def test_soft_classes_are_a_distribution_over_neighbours(blur: float) -> None:
    distribution = soft_classes(np.array([blur]))[0]
    assert distribution.sum() == pytest.approx(1, abs=1e-6)
    assert np.count_nonzero(distribution) <= 2


def test_more_motion_never_scores_higher() -> None:
    weights = np.array([quality.weight for quality in QUALITY_CLASSES])
    score = soft_classes(np.geomspace(0.01, 20, 200)) @ weights
    assert (np.diff(score) <= 1e-6).all()
