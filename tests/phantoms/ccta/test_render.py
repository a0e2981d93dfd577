from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from scanserve.contracts import InputError
from scanserve.phantoms.ccta import Anatomy, Grid, add_noise, blur_mm, heatmaps, render, render_points
from scanserve.phantoms.ccta.background import upsample
from scanserve.phantoms.ccta.ranges import PLAIN, TRAINING, replace_group
from scanserve.phantoms.ccta.slabs import Slabs


@lru_cache
def patient() -> Anatomy:
    return Anatomy.sample(7)


def rest(name: str) -> float:
    return min(range(0, 100, 10), key=lambda p: blur_mm(patient(), name, p))


@pytest.mark.parametrize("name", ["RCA", "LAD", "LCX"])
def test_a_resting_lumen_is_bright_along_the_centerline(name):
    main = patient().vessel(name).at(rest(name))[0]
    thick = main.radii > 1.2
    hu = render_points(patient(), rest(name), main.points[thick])
    assert np.median(hu) == pytest.approx(patient().contrast.aorta, rel=0.1)
    assert np.quantile(hu, 0.05) > 0.75 * patient().contrast.aorta


def test_motion_takes_contrast_away():
    still, worst = rest("RCA"), max(range(0, 100, 10), key=lambda p: blur_mm(patient(), "RCA", p))
    middle = slice(80, 200)
    hu = [
        render_points(patient(), p, patient().vessel("RCA").at(p)[0].points[middle]).mean()
        for p in (still, worst)
    ]
    assert hu[1] < 0.7 * hu[0]


def test_the_aorta_is_as_bright_as_it_should_be_and_air_is_air():
    aorta = patient().chambers(70).aorta.parts[3].parts[2].a
    hu = render_points(patient(), 70, [aorta, [0, -400, 0]])
    assert hu[0] == pytest.approx(patient().contrast.aorta, abs=1)
    assert hu[1] == -1000


def test_grid_and_points_agree():
    grid = Grid.centred((16, 20, 24), 0.9, (10, -10, 20))
    x, y, z = np.meshgrid(*grid.axes(), indexing="ij")
    places = np.stack([x, y, z], -1).transpose(2, 1, 0, 3)
    on_grid, free = render(patient(), 75, grid), render_points(patient(), 75, places)
    assert free.shape == grid.shape
    assert np.abs(on_grid - free).mean() < 8


def test_rendering_is_a_function_of_the_seed():
    grid = Grid.centred((12, 24, 24), 4.0)
    first = render(patient(), 40, grid)
    assert first.dtype == np.float32
    assert np.array_equal(first, render(Anatomy.sample(7), 40, grid))
    assert np.array_equal(first, render(patient(), 140, grid))


def test_fine_grids_are_close_to_direct_evaluation():
    fine = Grid.centred((12, 24, 26), 0.5, (10, -10, 15))
    x, y, z = np.meshgrid(*fine.axes(), indexing="ij")
    places = np.stack([x, y, z], -1).transpose(2, 1, 0, 3)
    assert np.abs(render(patient(), 75, fine) - render_points(patient(), 75, places)).mean() < 15


def test_upsampling_keeps_linear_fields():
    work, fine = Grid((3, 4, 5), (0, 0, 0), (1, 1, 1)), Grid((5, 7, 9), (0, 0, 0), (0.5, 0.5, 0.5))
    z, y, x = np.meshgrid(*(np.arange(n) for n in work.shape), indexing="ij")
    done = upsample((x + 10 * y + 100 * z).astype(np.float32), work, fine)
    z, y, x = np.meshgrid(*(np.arange(n) / 2 for n in fine.shape), indexing="ij")
    assert done == pytest.approx(x + 10 * y + 100 * z, abs=1e-3)


def test_points_must_be_triples():
    with pytest.raises(InputError) as caught:
        render_points(patient(), 0, np.zeros((4, 2)))
    assert caught.value.code == "points-shape"
    assert render_points(patient(), 0, np.zeros((0, 3))).shape == (0,)


def test_heatmaps_are_gaussians_of_the_distance():
    tree = patient().vessel("RCA").at(75)
    place = tree[0].points[100]
    maps = heatmaps(patient(), 75, Grid((1, 1, 1), place, (1, 1, 1)), 2.0)
    assert maps.shape == (3, 1, 1, 1)
    assert maps[0, 0, 0, 0] == pytest.approx(1, abs=1e-3)
    aside = Grid((1, 1, 1), place + np.array([0, 0, 1.0]), (1, 1, 1))
    points = np.concatenate([branch.points for branch in tree])
    distance = np.linalg.norm(points - place - [0, 0, 1.0], axis=1).min()
    assert heatmaps(patient(), 75, aside, 2.0)[0].item() == pytest.approx(
        np.exp(-(distance**2) / 8), abs=1e-3
    )


def test_the_left_main_is_in_both_left_maps():
    place = patient().vessel("LAD").at(75)[0].points[6]
    rca, lad, lcx = heatmaps(patient(), 75, Grid((1, 1, 1), place, (1, 1, 1)), 2.0).ravel()
    assert lad == pytest.approx(lcx)
    assert lad > 0.99 > rca


def test_heatmap_sigma_must_be_positive():
    with pytest.raises(InputError) as caught:
        heatmaps(patient(), 75, Grid.centred((2, 2, 2), 1.0), 0.0)
    assert caught.value.code == "sigma-invalid"


@pytest.mark.parametrize("shape", [(24, 40, 40), (65, 260, 260)])
def test_noise_has_its_standard_deviation_and_is_repeatable(shape):
    hu = np.zeros(shape, np.float32)
    noisy = add_noise(hu, np.random.default_rng(3), 20.0)
    assert noisy.std() == pytest.approx(20, rel=0.05)
    assert abs(noisy.mean()) < 2
    assert np.array_equal(noisy, add_noise(hu, np.random.default_rng(3), 20.0))
    beside = (noisy[:, :, 1:] * noisy[:, :, :-1]).mean() / noisy.var()
    assert beside > 0.4


def test_negative_noise_is_refused():
    with pytest.raises(InputError) as caught:
        add_noise(np.zeros((2, 2, 2), np.float32), np.random.default_rng(0), -1.0)
    assert caught.value.code == "noise-invalid"


def steady(**artefacts) -> Anatomy:
    """The plain patient with some artefacts, all else as it is."""
    return Anatomy.sample(7, replace_group(PLAIN, "artefacts", **artefacts))


def test_centerlines_step_where_the_image_does():
    level = float(np.median(patient().vessel("RCA").at(rest("RCA"))[0].points[:200, 2]))
    slabs = Slabs(np.array([level]), np.array([[0, 0, 0], [2.4, -1.8, 0]]))
    stepped = replace(patient(), vessels=tuple(replace(v, slabs=slabs) for v in patient().vessels))
    main = stepped.vessel("RCA").at(rest("RCA"))[0]
    unmoved = stepped.vessel("RCA").positions(0, rest("RCA"))[0]
    assert np.linalg.norm(main.points - unmoved, axis=1) == pytest.approx(3.0 * (unmoved[:, 2] >= level))
    moved = (main.radii > 1.2) & (unmoved[:, 2] >= level)
    shown, missed = (render_points(stepped, rest("RCA"), p[moved]) for p in (main.points, unmoved))
    assert np.median(shown) == pytest.approx(stepped.contrast.aorta, rel=0.1)
    assert np.median(missed) < 0.7 * np.median(shown)
    here = Grid.centred((9, 3, 3), 0.3, tuple(main.points[moved][-1]))
    assert render(stepped, rest("RCA"), here)[-1, 1, 1] > 0.6 * stepped.contrast.aorta


def test_a_varied_patient_is_the_same_on_a_grid_and_at_points():
    anatomy = Anatomy.sample(5, TRAINING)
    grid = Grid.centred((40, 20, 24), 0.9, (20, -30, 10))
    x, y, z = np.meshgrid(*grid.axes(), indexing="ij")
    places = np.stack([x, y, z], -1).transpose(2, 1, 0, 3)
    on_grid, free = render(anatomy, 75, grid, 0.5), render_points(anatomy, 75, places, 0.5)
    assert np.abs(on_grid - free).mean() < 10


def test_softer_kernels_smear_small_vessels():
    main = patient().vessel("RCA").at(rest("RCA"))[0].points[200:260]
    sharp, soft = (render_points(patient(), rest("RCA"), main, psf).mean() for psf in (0.25, 0.6))
    assert soft < 0.97 * sharp


def test_partial_angles_change_moving_vessels_only():
    turned = steady(partial_angle=(1.0, 1.0))
    worst = max(range(0, 100, 10), key=lambda p: blur_mm(patient(), "RCA", p))
    for percent, low, high in ((worst, 20, 400), (rest("RCA"), 0, 15)):
        main = patient().vessel("RCA").at(percent)[0].points[60:200]
        places = (main[:, None] + np.array([[0, 0, 0], [1.5, 0, 0], [0, 1.5, 0]])).reshape(-1, 3)
        change = render_points(turned, percent, places) - render_points(patient(), percent, places)
        assert low < np.abs(change).mean() < high


def test_distal_vessels_lose_contrast():
    ranges = replace_group(PLAIN, "bolus", distal_loss=(0.3, 0.3))
    main = patient().vessel("LAD").at(75)[0].points[100]
    full, pale = (
        render_points(patient(), 75, [main])[0],
        render_points(Anatomy.sample(7, ranges), 75, [main])[0],
    )
    assert pale == pytest.approx(full * (1 - 0.3 / 3) / (1 - 0.08 / 3), rel=0.03)
