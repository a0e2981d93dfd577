import numpy as np
import pytest

from scanserve.phantoms.ccta import Anatomy
from scanserve.phantoms.ccta.chambers import Contraction, root_centre
from scanserve.phantoms.ccta.surface import distance_to
from scanserve.phantoms.ccta.walls import phantom_walls


def test_the_phantom_s_walls_are_its_chambers():
    anatomy = Anatomy.sample(7)
    walls = phantom_walls(anatomy.pose, anatomy.sizes, Contraction(0, 0, 0))
    chambers = anatomy.chambers(0)
    places = np.random.default_rng(0).uniform(-60, 60, (200, 3))
    assert distance_to(walls.outside, places) == pytest.approx(
        distance_to(chambers.outside(), places), abs=0.1
    )
    assert walls.aorta in walls.outside
    assert walls.root == pytest.approx(root_centre(anatomy.pose))
    assert list(walls.lean) == [0, 0, 1]
    assert walls.routes is None
