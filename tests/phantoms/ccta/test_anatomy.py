from functools import lru_cache

import numpy as np
import pytest

from scanserve.contracts import InputError
from scanserve.contracts.ccta import CROP_SHAPE, CROP_SPACING_MM, QUALITY_CLASSES, VESSELS
from scanserve.phantoms.ccta import Anatomy, blur_mm, blur_profile
from scanserve.phantoms.ccta.surface import distance_to

SEEDS = (1, 2, 7)
PHASES = range(0, 100, 10)


@lru_cache
def patient(seed: int) -> Anatomy:
    return Anatomy.sample(seed)


@pytest.fixture(params=SEEDS)
def anatomy(request) -> Anatomy:
    return patient(request.param)


def test_a_seed_is_a_patient():
    again = Anatomy.sample(7)
    for vessel, other in zip(patient(7).vessels, again.vessels, strict=True):
        for a, b in zip(vessel.at(33), other.at(33), strict=True):
            assert np.array_equal(a.points, b.points)
    assert not np.allclose(patient(1).pose.base, patient(2).pose.base)


def test_vessels_come_in_the_order_of_the_contract(anatomy):
    assert [v.abbreviation for v in anatomy.vessels] == [v.abbreviation for v in VESSELS]
    with pytest.raises(InputError) as caught:
        anatomy.vessel("RIMA")
    assert caught.value.code == "unknown-vessel"


@pytest.mark.parametrize("percent", [0, 35, 75])
def test_trees_are_rooted_at_the_wall_of_the_aorta(anatomy, percent):
    aorta = anatomy.chambers(percent).aorta
    for vessel in anatomy.vessels:
        assert abs(distance_to((aorta,), vessel.at(percent)[0].points[:1])[0]) < 1.5


def test_main_paths_have_natural_lengths_spacing_and_taper(anatomy):
    limits = {"RCA": (110, 160), "LAD": (85, 135), "LCX": (60, 112)}
    for vessel in anatomy.vessels:
        main = vessel.branches[0]
        steps = np.linalg.norm(np.diff(main.points, axis=0), axis=1)
        assert np.median(steps) == pytest.approx(0.5, abs=0.01)
        assert steps.max() < 0.55
        low, high = limits[vessel.abbreviation]
        assert low < steps.sum() < high
        assert main.radii[0] > 1.6
        assert main.radii[-1] < 1.0
        assert (np.diff(main.radii) <= 1e-9).all()


def test_branches_hang_on_their_parents_at_every_phase(anatomy):
    for percent in (0, 20, 55):
        for vessel in anatomy.vessels:
            tree = vessel.at(percent)
            assert [branch.main for branch in tree].count(True) == 1
            for branch in tree[1:]:
                assert branch.points[0] == pytest.approx(tree[branch.parent].points[branch.joint], abs=0.1)


def test_lad_and_lcx_share_the_left_main(anatomy):
    for percent in (0, 15, 60):
        lad, lcx = (anatomy.vessel(name).at(percent)[0].points for name in ("LAD", "LCX"))
        assert lad[:14] == pytest.approx(lcx[:14], abs=1e-6)


def test_hearts_fit_the_frames_of_the_networks(anatomy):
    room = (CROP_SHAPE[0] - 1) * CROP_SPACING_MM
    for vessel in anatomy.vessels:
        points = np.concatenate([branch.points for branch in vessel.at(35)])
        assert np.ptp(points, axis=0).max() < room
        assert np.abs(points).max() < 80


def test_coronaries_lie_outside_the_walls(anatomy):
    for percent in (0, 35, 75):
        walls = anatomy.chambers(percent).outside()
        for vessel in anatomy.vessels:
            depth = distance_to(walls, vessel.at(percent)[0].points[24:])
            assert depth.min() > -2.5
            assert (depth < 0).mean() < 0.2


def test_motion_is_periodic(anatomy):
    for vessel in anatomy.vessels:
        assert vessel.positions(0, 12.5) == pytest.approx(vessel.positions(0, 112.5), abs=1e-6)


def test_blur_is_the_measured_way(anatomy):
    half = anatomy.window_percent / 2
    times = np.linspace(20 - half, 20 + half, 400)
    travelled = np.linalg.norm(np.diff(anatomy.vessel("RCA").positions(0, times), axis=0), axis=-1).sum(0)
    profile = blur_profile(anatomy, "RCA", 20)
    assert profile == pytest.approx(travelled, rel=0.08, abs=0.02)
    assert blur_mm(anatomy, "RCA", 20) == pytest.approx(profile[:320].mean())


def test_every_quality_class_occurs():
    blurs = np.array([blur_mm(patient(s), v.abbreviation, p) for s in SEEDS for v in VESSELS for p in PHASES])
    centres = np.array([quality.blur_mm for quality in QUALITY_CLASSES])
    share = np.bincount(np.abs(np.log(blurs[:, None] / centres)).argmin(1), minlength=4) / len(blurs)
    assert (share > 0.1).all()


def test_the_right_coronary_moves_most(anatomy):
    worst = {v.abbreviation: max(blur_mm(anatomy, v.abbreviation, p) for p in PHASES) for v in VESSELS}
    assert max(worst, key=worst.get) == "RCA"
