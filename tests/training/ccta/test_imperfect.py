from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")
from scanserve.contracts.ccta import SECTIONS
from scanserve.training.ccta.imperfect import along, by_section, imperfect

pytestmark = pytest.mark.torch


def test_a_section_counts_when_it_is_half_filled() -> None:
    profile = np.arange(320.0)
    sections = by_section(profile, filled=16 + 8)
    assert sections[0] == pytest.approx(7.5)
    assert sections[1] == pytest.approx(np.arange(16, 24).mean())
    assert np.isnan(sections[2:]).all()
    assert len(sections) == SECTIONS
    assert np.isnan(by_section(profile, filled=16 + 7)[1])


def test_an_imperfect_path_stays_near_the_true_one() -> None:
    path = np.stack([np.linspace(0, 100, 201), np.zeros(201), np.zeros(201)], axis=1)
    wandering, index = imperfect(path, 1.0, np.random.default_rng(0))
    assert 40 <= len(wandering) == len(index) <= len(path)
    assert np.abs(wandering - path[index]).max() < 2.0
    assert np.abs(wandering[:, 1:]).max() > 0.05


def test_values_follow_arc_length_where_a_path_steps_aside() -> None:
    path = np.array([[0.0, 0, 0], [0.5, 0, 0], [1.0, 0, 0], [1.0, 3, 0], [1.5, 3, 0], [2.0, 3, 0]])
    values = along(path, np.array([1.0, 1, 1, 5, 5, 5]), filled=10)
    assert values[:3] == pytest.approx([1, 1, 1])
    assert values[8:] == pytest.approx([5, 5])
    assert values[5] == pytest.approx(3)
