import numpy as np
import pytest

from scanserve.phantoms.dat.grades import GRADE_CHANCES, GRADES, sample_uptake


def mean_of(grade, name):
    sides = [sample_uptake(np.random.default_rng(seed), grade) for seed in range(50)]
    return np.mean([[getattr(side, name) for side in both] for both in sides])


def test_four_grades_whose_chances_are_one():
    assert len(GRADES) == len(GRADE_CHANCES) == 4
    assert sum(GRADE_CHANCES) == pytest.approx(1)


@pytest.mark.parametrize("part", ["caudate", "front", "back"])
def test_every_part_loses_from_grade_to_grade(part):
    means = [mean_of(grade, part) for grade in range(4)]
    assert means == sorted(means, reverse=True)


def test_the_back_of_the_putamen_loses_first():
    for grade in range(4):
        assert mean_of(grade, "back") < mean_of(grade, "front") < mean_of(grade, "caudate") + 0.06


def test_one_side_is_worse_in_the_asymmetric_grade():
    worse = [sample_uptake(np.random.default_rng(seed), 1) for seed in range(30)]
    assert all(min(a.back, b.back) < 0.35 < max(a.back, b.back) for a, b in worse)
    assert len({a.back < b.back for a, b in worse}) == 2
