import numpy as np
import pytest

from scanserve.phantoms.ccta import Anatomy, render_points
from scanserve.phantoms.ccta.ranges import PLAIN, replace_group
from scanserve.phantoms.ccta.riders import SYSTOLE, lifted, mount

LESION = {"soft_severity": (0.6, 0.6), "soft_length": (12, 12), "soft_hu": (40, 40)}


def test_a_rider_on_an_artery_moves_with_it():
    anatomy = Anatomy.sample(7)
    main = anatomy.vessels[0].branches[0].points[60:160]
    rider = mount("probe", main, np.ones(100), 100.0, anatomy.vessels[:1])
    moved, true = rider.positions(anatomy.vessels[:1], 30)[0], anatomy.vessels[0].positions(0, 30)[0, 60:160]
    assert moved[20:-20] == pytest.approx(true[20:-20], abs=0.1)
    assert rider.positions(anatomy.vessels[:1], 0)[0] == pytest.approx(main, abs=1e-9)


def test_a_lifted_rider_is_where_it_should_be_in_systole():
    anatomy = Anatomy.sample(7)
    main = anatomy.vessels[0].branches[0].points[60:160]
    rider = mount("probe", main, np.ones(100), 100.0, anatomy.vessels)
    there = rider.positions(anatomy.vessels, SYSTOLE)[0] + np.array([0, 1.0, 0])
    high = lifted(rider, anatomy.vessels, SYSTOLE, there)
    assert high.positions(anatomy.vessels, SYSTOLE)[0] == pytest.approx(there, abs=0.05)
    assert high.positions(anatomy.vessels, 0)[0] == pytest.approx(main, abs=1e-9)


def test_a_soft_plaque_is_seen_beside_its_lumen():
    ranges = replace_group(PLAIN, "lesions", soft_chance=1.0, calcified_counts=(0,), **LESION)
    anatomy = Anatomy.sample(7, ranges)
    lad = anatomy.vessel("LAD")
    (soft,) = lad.soft
    middle = soft.first + len(soft.points) // 2
    (body,) = (r for r in anatomy.riders if r.places[1].any())
    wall = body.positions(anatomy.vessels, 75)[0][len(soft.points) // 2]
    lumen = lad.at(75)[0].points[middle]
    side = (wall - lumen) / np.linalg.norm(wall - lumen)
    within, beyond = render_points(
        anatomy, 75, [wall + 0.45 * soft.radii[len(soft.radii) // 2] * side, lumen]
    )
    assert 0 < within < 180
    assert beyond > 200
