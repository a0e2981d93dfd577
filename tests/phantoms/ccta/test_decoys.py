import numpy as np
import pytest

from scanserve.phantoms.ccta import Anatomy, render_points
from scanserve.phantoms.ccta.chambers import upper_cava
from scanserve.phantoms.ccta.ranges import PLAIN, replace_group
from scanserve.phantoms.ccta.surface import distance_to


def test_mammary_arteries_shine_beside_the_breastbone():
    anatomy = Anatomy.sample(7, replace_group(PLAIN, "decoys", mammary_chance=1.0))
    for artery in (anatomy.chest.middle[-3], anatomy.chest.middle[-1]):
        place = artery.shape.parts[0].b
        assert render_points(anatomy, 75, [place])[0] > 0.8 * anatomy.contrast.aorta
        assert place[1] < anatomy.chest.cavity.cy - 0.8 * anatomy.chest.cavity.sy


def test_a_lead_runs_from_the_cava_to_the_right_ventricle():
    anatomy = Anatomy.sample(7, replace_group(PLAIN, "decoys", lead_chance=1.0))
    (lead,) = anatomy.riders
    points = lead.positions(anatomy.vessels, 75)[0]
    assert points[0, 2] > points[-1, 2] + 80
    assert np.median(render_points(anatomy, 75, points)) > 1500
    chamber = anatomy.chambers(0).right_cavity
    x, y, z = np.asarray(lead.points[-1:], np.float32).T
    assert chamber.distance(x, y, z)[0] < 0


@pytest.mark.parametrize("percent", [0, 35, 75])
def test_a_lead_stays_in_the_vena_cava(percent):
    anatomy = Anatomy.sample(7, replace_group(PLAIN, "decoys", lead_chance=1.0))
    points = anatomy.riders[0].positions(anatomy.vessels, percent)[0]
    line = upper_cava(anatomy.chambers(percent).atria[1])
    within = points[(points[:, 2] > line[0, 2] + 5) & (points[:, 2] < line[2, 2] - 5)]
    assert len(within) > 50
    assert distance_to((anatomy.chambers(percent).cavae[0],), within).max() < 0
