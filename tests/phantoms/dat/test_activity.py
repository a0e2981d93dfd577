import numpy as np
import pytest

from scanserve.geometry.grid import Grid
from scanserve.phantoms.dat.activity import OCCIPITAL, activity, masks
from scanserve.phantoms.dat.head import STRUCTURES, Head

GRID = Grid.centred((66, 128, 128), 3.29)
HEAD = Head.sample(1)


@pytest.fixture(scope="module")
def concentration():
    return activity(HEAD, GRID)


def test_masks_have_the_volume_of_their_ellipsoids():
    found = masks(HEAD, GRID)
    for name in STRUCTURES:
        volume = found[name].sum() * 3.29**3
        assert volume == pytest.approx(4 / 3 * np.pi * np.prod(HEAD.structure(name).semi_axes), rel=0.15)


def test_the_reference_is_cortex_at_the_back(concentration):
    found = masks(HEAD, GRID)
    reference = found[OCCIPITAL]
    assert reference.sum() > 200
    assert 0.6 < concentration[reference].mean() <= 1.0
    assert np.argwhere(reference)[:, 1].min() > np.argwhere(found["caudate_left"])[:, 1].max()


def test_uptake_is_what_was_drawn(concentration):
    found = masks(HEAD, GRID)
    left = HEAD.left_of("left")
    inner = HEAD.structure("caudate_left").centre
    index = tuple(round((c - o) / 3.29) for c, o in zip(inner[::-1], GRID.origin[::-1], strict=True))
    assert concentration[index] == pytest.approx(1 + (HEAD.uptake.striatum - 1) * left.caudate, rel=1e-5)
    assert concentration[found["putamen_left"]].mean() > 2
    assert concentration[0, 0, 0] == 0
    assert (concentration >= 0).all()
