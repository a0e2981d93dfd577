from dataclasses import replace

import numpy as np
import pytest

from scanserve.client.ccta.options import CORONARY
from scanserve.geometry import arc_length
from scanserve.geometry.curve import continuous_path
from tests.support import drawing

OPTIONS = CORONARY.tree.curve
LINE = np.array([[6.0, 20.3, 21.7], [37, 24.1, 19.2]])
MAP = drawing.ridge([LINE])


def staircase(share=0.1):
    """Voxel centres along the line that stop short of both its ends by ``share`` of it."""
    points = LINE[0] + np.linspace(share, 1 - share, 300)[:, None] * (LINE[1] - LINE[0])
    voxels = MAP.grid.nearest(points)
    keep = np.concatenate([[True], (np.diff(voxels, axis=0) != 0).any(axis=1)])
    return MAP.grid.to_lps(voxels[keep])


def test_a_staircase_becomes_the_line_with_both_its_ends():
    path = continuous_path(staircase(), MAP, OPTIONS)
    assert drawing.distances(path, LINE).mean() < 0.09
    assert np.linalg.norm(path[[0, -1]] - LINE, axis=1).max() < 1.4
    np.testing.assert_allclose(np.diff(arc_length(path)), OPTIONS.step_mm, rtol=0.02)


def test_a_pinned_start_stays():
    chain = staircase()
    path = continuous_path(chain, MAP, OPTIONS, pin_start=True)
    np.testing.assert_allclose(path[0], chain[0], atol=1e-4)
    assert np.linalg.norm(path[-1] - LINE[1]) < 1.4


def test_without_extension_ends_are_those_of_the_chain():
    path = continuous_path(staircase(), MAP, replace(OPTIONS, extension_mm=0.0, end_heat=0.0))
    assert np.linalg.norm(path[[0, -1]] - staircase()[[0, -1]], axis=1).max() < 1.0


@pytest.mark.parametrize("step_mm", [0.25, 1.0])
def test_steps_are_a_matter_of_the_options(step_mm):
    path = continuous_path(staircase(), MAP, replace(OPTIONS, step_mm=step_mm))
    np.testing.assert_allclose(np.diff(arc_length(path)), step_mm, rtol=0.05)
