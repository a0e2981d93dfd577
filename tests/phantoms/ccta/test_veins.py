import numpy as np
import pytest
from scipy.spatial import cKDTree

from scanserve.phantoms.ccta import Anatomy, render_points
from scanserve.phantoms.ccta.ranges import PLAIN, replace_group
from scanserve.phantoms.ccta.surface import distance_to
from scanserve.phantoms.ccta.veins import COURSES, clear_of


@pytest.fixture(scope="module", params=[1, 7])
def anatomy(request) -> Anatomy:
    decoys = {"vein_chance": 1.0, "vein_diameter": (3.0, 3.0), "vein_hu": (200, 200), "vein_gap": (1.0, 1.0)}
    return Anatomy.sample(request.param, replace_group(PLAIN, "decoys", **decoys))


def test_two_straight_tubes_end_up_the_gap_apart():
    z = np.arange(0, 40, 0.5)
    artery = np.stack([0 * z, 0 * z, z], 1)
    vein = np.stack([0.4 + 0 * z, 0 * z, z], 1)
    moved = clear_of(vein, np.full(80, 1.0), artery, np.full(80, 1.5), 0.5, ())
    distance = cKDTree(artery).query(moved)[0]
    assert distance == pytest.approx(3.0, abs=0.3)


def test_every_vein_is_there_and_none_in_the_truth(anatomy):
    assert [rider.name for rider in anatomy.riders] == list(COURSES)
    assert not any("vein" in b.name for vessel in anatomy.vessels for b in vessel.branches)


def test_veins_run_beside_arteries_but_not_through_them(anatomy):
    for percent in (0, 35, 75):
        trees = [b for vessel in anatomy.vessels for b in vessel.at(percent)]
        tree = cKDTree(np.concatenate([b.points for b in trees]))
        widths = np.concatenate([b.radii for b in trees])
        for rider in anatomy.riders:
            distance, near = tree.query(rider.positions(anatomy.vessels, percent)[0])
            gap = distance - widths[near] - rider.radii
            assert np.quantile(gap, 0.05) > -1.0
            assert gap.min() < 6


def test_veins_lie_in_the_fat_and_are_filled(anatomy):
    walls = anatomy.chambers(75).outside()
    for rider in anatomy.riders:
        points = rider.positions(anatomy.vessels, 75)[0]
        assert (distance_to(walls, points) < -1).mean() < 0.15
        thick = rider.radii > 1.2
        assert np.median(render_points(anatomy, 75, points[thick])) == pytest.approx(200, abs=35)
