import functools
from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage
from scipy.spatial import cKDTree

from scanserve.client.ccta.options import CORONARY, OstiumOptions
from scanserve.client.ccta.vessel import extract_vessel
from scanserve.contracts import ResultError
from scanserve.contracts.ccta import CROP_SHAPE, VESSELS
from scanserve.geometry import HeatMap, resample_path
from scanserve.phantoms.ccta import Anatomy, Grid, heatmaps, render
from scanserve.preprocessing import Volume
from tests.support import drawing
from tests.support.bounded import in_bounds

RCA, LAD, LCX = VESSELS
T = np.linspace(0, 1, 200)[:, None]
VESSEL = np.concatenate([12 + 26 * T, 20 + 8 * T, 42 - 30 * T**1.5], axis=1)
TWIG = VESSEL[90] + T * [6.0, -12, -4]
SIDE_MM = 54.0


@functools.cache
def scene(chamber=False, twig_radius=0.7):
    """Fat, an aorta at the vessel's start, the vessel, a twig; on demand a chamber at the twig's end."""
    index = np.moveaxis(np.indices((90, 90, 90)), 0, -1)
    points = index[..., ::-1] * 0.6
    hu = np.full((90, 90, 90), -100.0)
    for line, radius in ((TWIG, twig_radius), (VESSEL, 1.6)):
        near = cKDTree(resample_path(line, 0.1)).query(points.reshape(-1, 3), distance_upper_bound=4)[0]
        share = np.clip((radius - near.reshape(hu.shape)) / 0.6 + 0.5, 0, 1)
        hu = np.maximum(hu, -100 + share * 480)
    hu[(points[..., 0] < VESSEL[0, 0]) & (points[..., 2] > 25)] = 400
    if chamber:
        hu[np.linalg.norm(points - (TWIG[-1] + [6, -4, -4]), axis=-1) < 9] = 400
    return Volume.at(np.rint(hu).astype(np.int16), np.zeros(3), np.full(3, 0.6))


@functools.cache
def heat():
    return drawing.ridge([VESSEL, TWIG], (60, 60, 60))


def extract(heatmap=None, volume=None, **options):
    return extract_vessel(heatmap or heat(), volume or scene(), RCA, 0.9, replace(CORONARY, **options))


def test_root_is_at_the_aorta():
    tree = extract()
    assert np.linalg.norm(tree.points[tree.root] - VESSEL[0]) < 1.5
    assert np.linalg.norm(tree.path_points()[-1] - VESSEL[-1]) < 1.5
    assert drawing.distances(tree.path_points(), VESSEL).mean() < 0.2


def test_root_is_at_the_aorta_where_the_heat_begins_late():
    late = drawing.ridge([VESSEL[50:], TWIG], (60, 60, 60))
    found = [extract(late, ostium=OstiumOptions(reach, opening_mm=5.0, cosine=0.0)) for reach in (0.0, 15.0)]
    short, tree = found
    # the aorta of this scene is 12 mm wide
    assert np.linalg.norm(short.points[short.root] - VESSEL[0]) > 5
    assert np.linalg.norm(tree.points[tree.root] - VESSEL[0]) < 2.0
    assert drawing.distances(tree.path_points(), VESSEL).mean() < 0.3


def test_a_chamber_at_a_lower_end_is_not_the_aorta():
    tree = extract(volume=scene(chamber=True))
    assert np.linalg.norm(tree.points[tree.root] - VESSEL[0]) < 1.5


def test_radii_are_measured():
    tree = extract()
    np.testing.assert_allclose(np.median(tree.radii[tree.main_path]), 1.6, atol=0.15)
    np.testing.assert_allclose(np.median(tree.radii[tree.branches[0].indices]), 0.7, atol=0.2)


def test_heat_map_and_volume_may_lie_apart():
    placed, shift = heat(), np.array([100.0, -50, 30])
    volume = scene()
    moved = Volume(volume.hu, volume.grid.moved(shift))
    tree = extract_vessel(HeatMap(placed.values, placed.grid.moved(shift)), moved, RCA, 0.9)
    np.testing.assert_allclose(tree.points, extract().points + shift, atol=1e-3)


def cold(hot):
    values = np.zeros((30, 30, 30), dtype=np.uint8)
    values.reshape(-1)[:hot] = 255
    return values


@pytest.mark.parametrize(("values", "said"), [(cold(0), "holds 0 in all"), (cold(9), "holds 9 in all")])
def test_no_vessel_is_coded_and_says_what_was_there(values, said):
    with pytest.raises(ResultError) as caught:
        extract_vessel(HeatMap.at(values, np.zeros(3), np.ones(3)), scene(), LAD, 0.031)
    assert caught.value.code == "no-vessel"
    assert all(part in caught.value.message for part in ("LAD", "presence 0.03", said))


def test_a_stub_is_too_short():
    stub = drawing.ridge([VESSEL[:80]], (60, 60, 60))
    with pytest.raises(ResultError) as caught:
        extract(stub)
    assert caught.value.code == "vessel-too-short"
    assert "RCA" in caught.value.message
    assert extract(stub, minimum_mm=5.0).length_mm < 20


def test_a_volume_without_contrast_still_gives_one_tree():
    blank = Volume.at(np.full((90, 90, 90), 40, dtype=np.int16), np.zeros(3), np.full(3, 0.6))
    tree = extract(volume=blank)
    assert np.linalg.norm(tree.points[tree.root] - VESSEL[0]) < 1.5  # the highest end
    assert np.all((tree.radii >= 0.4) & (tree.radii <= 4.0))


@functools.cache
def phantom(seed=31, percent=75.0):
    anatomy = Anatomy.sample(seed)
    grid = Grid((160, 160, 160), (-71.6, -71.6, -71.6), (0.9, 0.9, 0.9))
    hu = render(anatomy, percent, grid) + np.random.default_rng(seed).normal(0, 20, grid.shape)
    volume = Volume(np.clip(np.rint(hu), -1024, 3071).astype(np.int16), grid)
    return anatomy, volume, np.rint(255 * heatmaps(anatomy, percent, grid, 1.3)).astype(np.uint8)


@pytest.mark.parametrize("number", range(3))
def test_phantom_vessels_are_followed_from_ostium_to_end(number):
    anatomy, volume, maps = phantom()
    vessel = VESSELS[number]
    truth = anatomy.vessel(vessel.abbreviation).at(75.0)
    tree = extract_vessel(HeatMap(maps[number], volume.grid), volume, vessel, 1.0)
    every = np.concatenate([resample_path(branch.points, 0.1) for branch in truth])
    assert np.linalg.norm(tree.points[tree.root] - truth[0].points[0]) < 2.0
    assert cKDTree(every).query(tree.points)[0].mean() < 0.3
    reached = cKDTree(tree.points).query(truth[0].points)[0]
    assert np.mean(reached < 1.0) > 0.85


def odd_maps():
    """Heat maps of the served crop that no vessel gives."""
    rng = np.random.default_rng(1)
    z, y, x = np.indices(CROP_SHAPE)
    wall = (abs(z - 64) > 60) | (abs(y - 64) > 60) | (abs(x - 64) > 60)
    lattice = ((z % 8 == 0) & (y % 8 == 0)) | ((z % 8 == 0) & (x % 8 == 0))
    blobs = (z % 6 < 3) & (y % 6 < 3) & (x % 6 < 3)
    grains = ndimage.gaussian_filter(rng.standard_normal(CROP_SHAPE), 1.5)
    return {
        "all hot": np.full(CROP_SHAPE, 255),
        "noise": rng.integers(0, 256, CROP_SHAPE),
        "shell": 255 * wall,
        "lattice": 255 * lattice,
        "blobs": 255 * blobs,
        "sparse blobs": 255 * (blobs & (z % 12 < 6) & (y % 12 < 6) & (x % 12 < 6)),
        "grains": 255 * (grains > np.quantile(grains, 0.95)),
    }


@pytest.mark.parametrize("name", odd_maps())
def test_any_heat_map_ends_soon_in_bounded_memory(name):
    """A process of its own, so that memory and time are bounded for real."""
    values = odd_maps()[name].astype(np.uint8)
    outcome = in_bounds(functools.partial(outcome_of, values), memory_bytes=4 << 30, seconds=60)
    assert outcome in {"heatmap-implausible", "no-vessel", "vessel-too-short", "tree"}


def outcome_of(values):
    volume = Volume.at(np.full((64, 80, 80), 40, np.int16), (0, 0, 0), (1.8, 1.8, 1.8))
    try:
        extract_vessel(HeatMap.at(values, (0, 0, 0), (0.9, 0.9, 0.9)), volume, VESSELS[0], 0.9)
    except ResultError as error:
        return error.code
    return "tree"
