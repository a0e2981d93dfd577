from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts.ccta import WORKING_SHAPE, WORKING_SPACING_MM  # noqa: E402
from scanserve.training.ccta.worlds.frame import MIDDLE  # noqa: E402
from scanserve.training.ccta.worlds.painting import (  # noqa: E402
    LIKE_BLOOD,
    LUMEN_HU,
    THIN_LOSS,
    VEIN_LEVEL,
    add_veins,
    add_vessels,
    lumen_hu,
    paint_tubes,
)

pytestmark = pytest.mark.torch

LINE = np.stack([np.linspace(-40, 40, 161), np.full(161, 4.0), np.full(161, -7.0)], axis=1)


RADII = np.full(len(LINE), 1.6)
INDEX = np.rint(LINE / WORKING_SPACING_MM + MIDDLE).astype(int)


def distance_mm(hu: torch.Tensor, under: float) -> np.ndarray:
    """How far the changed voxels lie from the line."""
    _, y, x = np.nonzero(hu.numpy() != under)
    return np.hypot(y - INDEX[0, 1], x - INDEX[0, 2]) * WORKING_SPACING_MM


@pytest.mark.parametrize("seed", range(6))
def test_a_vessel_is_bright_on_its_line_and_only_near_it(seed: int) -> None:
    hu = torch.full(WORKING_SHAPE, 50.0)
    add_vessels(hu, LINE, RADII, LUMEN_HU[0], np.random.default_rng(seed))
    assert hu.numpy()[tuple(INDEX.T)].min() > LUMEN_HU[0] * (1 - THIN_LOSS) * 0.9
    assert distance_mm(hu, 50).max() < 1.6 + 5 + 2 + 2 * WORKING_SPACING_MM


def test_a_tree_outside_the_grid_paints_nothing() -> None:
    hu = torch.zeros(WORKING_SHAPE)
    add_vessels(hu, LINE + 500, RADII, 400.0, np.random.default_rng(0))
    assert not hu.any()


def test_the_lumen_is_as_bright_as_blood_in_about_half_of_the_worlds() -> None:
    levels = [lumen_hu(np.random.default_rng(seed), 500.0) for seed in range(200)]
    assert all(LUMEN_HU[0] <= level <= LUMEN_HU[1] for level in levels)
    near = np.mean([LIKE_BLOOD[0] <= level / 500 <= LIKE_BLOOD[1] for level in levels])
    assert near > np.mean(
        [LIKE_BLOOD[0] <= lumen_hu(np.random.default_rng(s), 0.0) / 500 <= LIKE_BLOOD[1] for s in range(200)]
    )


def test_veins_run_beside_the_artery_and_are_darker() -> None:
    painted = 0
    for seed in range(12):
        hu = torch.zeros(WORKING_SHAPE)
        add_veins(hu, LINE, RADII, 400.0, np.random.default_rng(seed))
        if not hu.any():
            continue
        painted += 1
        assert float(hu.max()) <= 400 * VEIN_LEVEL[1]
        assert np.median(distance_mm(hu, 0)) > 1
    assert 2 <= painted <= 10


def test_a_tube_is_as_wide_as_its_radius() -> None:
    hu = torch.zeros(WORKING_SHAPE)
    paint_tubes(hu, LINE, np.full(len(LINE), 3.0), 100.0)
    section = float(hu[96].sum()) / 100 * WORKING_SPACING_MM**2
    assert section == pytest.approx(np.pi * 9, rel=0.1)
