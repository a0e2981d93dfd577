from functools import lru_cache

import numpy as np
import pytest

from scanserve.contracts.ccta import TEST_SEED
from scanserve.phantoms.ccta import Anatomy
from scanserve.phantoms.ccta.bends import bends
from scanserve.phantoms.ccta.ranges import TEST, TRAINING, Ranges, Trees, replace_group
from scanserve.phantoms.ccta.surface import distance_to
from scanserve.phantoms.ccta.trees import sample_dominance

LIMITS = {"RCA": (90, 170), "LAD": (90, 150), "LCX": (50, 130)}


def certain(**trees) -> Ranges:
    return replace_group(TRAINING, "trees", **trees)


@lru_cache
def patient(seed: int, name: str) -> Anatomy:
    return Anatomy.sample(seed, {"training": TRAINING, "test": TEST}[name])


@pytest.mark.parametrize("name", ["training", "test"])
@pytest.mark.parametrize("seed", [0, 5, 16])
def test_varied_trees_are_rooted_at_the_aorta_and_of_sane_lengths(seed, name):
    anatomy = patient(seed, name)
    aorta, walls = anatomy.chambers(0).aorta, anatomy.chambers(0).outside()
    for vessel in anatomy.vessels:
        main = vessel.branches[0]
        low, high = LIMITS[vessel.abbreviation]
        assert low <= 0.5 * len(main.points) <= high
        assert abs(distance_to((aorta,), main.points[:1])[0]) < 1.5
        assert (distance_to(walls, main.points[24:]) < 0).mean() < 0.2
        assert (main.radii > 0.15).all()
        for branch in vessel.branches[1:]:
            assert branch.points[0] == pytest.approx(main.points[branch.joint], abs=0.1)


def test_dominance_says_which_artery_supplies_the_back():
    right, left, co = (
        Anatomy.sample(3, certain(left_chance=a, co_chance=b, posterolateral_chance=1.0))
        for a, b in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))
    )
    assert (right.dominance, left.dominance, co.dominance) == ("right", "left", "co")
    names = {
        a.dominance: {v.abbreviation: {b.name for b in v.branches} for v in a.vessels}
        for a in (right, left, co)
    }
    assert "posterolateral" in names["right"]["RCA"] - names["right"]["LCX"]
    assert "posterolateral" in names["left"]["LCX"] - names["left"]["RCA"]
    assert "posterolateral" in names["co"]["LCX"] - names["co"]["RCA"]
    length = {a.dominance: [len(v.branches[0].points) for v in a.vessels] for a in (right, left, co)}
    assert length["left"][0] < length["right"][0]
    assert length["left"][2] > 200


def test_dominance_comes_in_the_drawn_shares():
    trees = Trees(left_chance=0.2, co_chance=0.3)
    drawn = [sample_dominance(np.random.default_rng(seed), trees) for seed in range(600)]
    assert drawn.count("left") / 600 == pytest.approx(0.2, abs=0.05)
    assert drawn.count("co") / 600 == pytest.approx(0.3, abs=0.05)


def test_a_ramus_leaves_at_the_fork_and_branches_can_be_missing():
    anatomy = Anatomy.sample(
        4,
        certain(
            left_chance=0.0,
            ramus_chance=1.0,
            diagonal_chances=(0, 0, 0),
            marginal_chances=(0, 0, 0),
            co_chance=0.0,
        ),
    )
    lad, lcx = anatomy.vessel("LAD"), anatomy.vessel("LCX")
    assert [b.name for b in lad.branches] == ["LAD"]
    assert [b.name for b in lcx.branches] == ["LCX", "ramus intermedius"]
    start = lcx.branches[1].points[0]
    assert np.linalg.norm(lad.branches[0].points - start, axis=1).min() < 0.6


def test_left_main_moves_as_one_however_long_it_is():
    anatomy = Anatomy.sample(2, certain(left_main=(17.0, 17.0)))
    for percent in (15, 60):
        lad, lcx = (anatomy.vessel(name).positions(0, percent)[0] for name in ("LAD", "LCX"))
        assert lad[:33] == pytest.approx(lcx[:33], abs=1e-6)


def test_the_circumflex_leaves_the_left_main_as_in_patients():
    turns, apart = zip(
        *(_fork(Anatomy.sample(seed, TEST)) for seed in range(TEST_SEED, TEST_SEED + 12)), strict=True
    )
    assert 40 <= np.median(turns) <= 75
    assert 60 <= np.median(apart) <= 105


@pytest.mark.parametrize("name", ["training", "test"])
def test_no_left_artery_turns_back_on_itself_near_the_fork(name):
    for seed in (209_006, 209_008, 209_011):
        for artery in ("LAD", "LCX"):
            points = patient(seed, name).vessel(artery).at(50)[0].points
            assert bends(points)[:60].max() < 100


def _fork(anatomy):
    """Degrees by which the LCX turns out of the left main, and between LAD and LCX, over 5 mm."""
    lad, lcx = (anatomy.vessel(name).branches[0].points for name in ("LAD", "LCX"))
    count = min(len(lad), len(lcx))
    fork = int(np.argmax(np.linalg.norm(lad[:count] - lcx[:count], axis=1) > 0.05))
    trunk, left, right = lcx[fork - 1] - lcx[fork - 9], lcx[fork + 10] - lcx[fork], lad[fork + 10] - lad[fork]
    return _degrees(trunk, left), _degrees(left, right)


def _degrees(first, second):
    return np.degrees(np.arccos(first @ second / np.linalg.norm(first) / np.linalg.norm(second)))
