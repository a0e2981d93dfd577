import numpy as np
import pytest

from scanserve.client.dat.counts import BOUND, counts_change, counts_findings

BEFORE = np.zeros((5, 64, 64), np.float32)
BEFORE[:, 10:50, 15:45] = 0.5


def test_change_is_that_of_the_sum():
    assert counts_change(BEFORE, BEFORE) == 0
    assert counts_change(BEFORE, BEFORE * 1.1) == pytest.approx(0.1, rel=1e-4)


def test_what_lies_outside_the_head_does_not_count():
    streaks = BEFORE.copy()
    streaks[:, :4] = 0.02
    assert counts_change(streaks, BEFORE) == pytest.approx(0, abs=1e-6)


def test_a_change_beyond_the_bound_is_found():
    assert counts_findings("It", BOUND) == []
    (more,) = counts_findings("It", 0.2)
    (fewer,) = counts_findings("It", -0.2)
    assert more.code == fewer.code == "counts-moved"
    assert "20% more" in more.message
    assert "20% fewer" in fewer.message
