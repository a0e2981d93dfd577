from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch")
from scanserve.contracts.ccta import QUALITY_CLASSES, SECTIONS
from scanserve.training.ccta.vesselbank import _along, _by_section, _imperfect, soft_classes

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


def test_a_section_counts_when_it_is_half_filled() -> None:
    profile = np.arange(320.0)
    sections = _by_section(profile, filled=16 + 8)
    assert sections[0] == pytest.approx(7.5)
    assert sections[1] == pytest.approx(np.arange(16, 24).mean())
    assert np.isnan(sections[2:]).all()
    assert len(sections) == SECTIONS
    assert np.isnan(_by_section(profile, filled=16 + 7)[1])


def test_an_imperfect_path_stays_near_the_true_one() -> None:
    path = np.stack([np.linspace(0, 100, 201), np.zeros(201), np.zeros(201)], axis=1)
    wandering, index = _imperfect(path, 1.0, np.random.default_rng(0))
    assert 40 <= len(wandering) == len(index) <= len(path)
    assert np.abs(wandering - path[index]).max() < 2.0
    assert np.abs(wandering[:, 1:]).max() > 0.05


def test_values_follow_arc_length_where_a_path_steps_aside() -> None:
    path = np.array([[0.0, 0, 0], [0.5, 0, 0], [1.0, 0, 0], [1.0, 3, 0], [1.5, 3, 0], [2.0, 3, 0]])
    values = _along(path, np.array([1.0, 1, 1, 5, 5, 5]), filled=10)
    assert values[:3] == pytest.approx([1, 1, 1])
    assert values[8:] == pytest.approx([5, 5])
    assert values[5] == pytest.approx(3)
