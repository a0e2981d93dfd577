from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts.ccta import WORKING_SHAPE, WORKING_SPACING_MM  # noqa: E402
from scanserve.training.ccta.worlds import painting  # noqa: E402
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
from scanserve.training.ccta.worlds.scene import Tree  # noqa: E402

pytestmark = pytest.mark.torch

LINE = np.stack([np.linspace(-40, 40, 161), np.full(161, 4.0), np.full(161, -7.0)], axis=1)


RADII = np.full(len(LINE), 1.6)
TREE = Tree.still(LINE, RADII, np.zeros(len(LINE), int))
INDEX = np.rint(LINE / WORKING_SPACING_MM + MIDDLE).astype(int)


def distance_mm(hu: torch.Tensor, under: float) -> np.ndarray:
    """How far the changed voxels lie from the line."""
    _, y, x = np.nonzero(hu.numpy() != under)
    return np.hypot(y - INDEX[0, 1], x - INDEX[0, 2]) * WORKING_SPACING_MM


@pytest.mark.parametrize("seed", range(6))
def test_a_vessel_is_bright_on_its_line_and_only_near_it(seed: int) -> None:
    hu = torch.full(WORKING_SHAPE, 50.0)
    add_vessels(hu, TREE, LUMEN_HU[0], np.random.default_rng(seed))
    assert hu.numpy()[tuple(INDEX.T)].min() > LUMEN_HU[0] * (1 - THIN_LOSS) * 0.9
    assert distance_mm(hu, 50).max() < 1.6 + 5 + 2 + 2 * WORKING_SPACING_MM


def test_a_tree_outside_the_grid_paints_nothing() -> None:
    hu = torch.zeros(WORKING_SHAPE)
    add_vessels(hu, TREE.about(np.full(3, 500.0)), 400.0, np.random.default_rng(0))
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
        add_veins(hu, TREE, 400.0, np.random.default_rng(seed))
        if not hu.any():
            continue
        painted += 1
        assert float(hu.max()) <= 400 * VEIN_LEVEL[1]
        assert np.median(distance_mm(hu, 0)) > 1
    assert 4 <= painted <= 11


def swept(move: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> torch.Tensor:
    """The share of the lumen around a vessel that moves from ``-move`` to ``move`` while it is scanned."""
    for name, value in {"SHEATHS": 0.0, "PARTIALS": 0.0, "CALCIFICATIONS": 0}.items():
        monkeypatch.setattr(painting, name, value)
    moved = np.linspace(-1, 1, 5)[:, None, None] * np.broadcast_to(move, (1, *LINE.shape))
    hu = torch.zeros(WORKING_SHAPE)
    add_vessels(hu, Tree(LINE, RADII, np.zeros(len(LINE), int), moved), 400.0, np.random.default_rng(0))
    return hu / 400


def test_a_vessel_that_moves_across_itself_is_smeared_but_loses_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    still, fast = (swept(np.array([0.0, 0.0, mm]), monkeypatch)[96] for mm in (0.0, 4.0))
    assert float(fast.sum()) == pytest.approx(float(still.sum()), rel=0.05)
    assert float(fast.max()) < 0.6 * float(still.max())
    place = (torch.arange(WORKING_SHAPE[2]) - MIDDLE[2]) * WORKING_SPACING_MM
    across = fast.sum(0)
    middle = float((across * place).sum() / across.sum())
    width = float(((across * (place - middle) ** 2).sum() / across.sum()).sqrt())
    assert middle == pytest.approx(LINE[0, 2], abs=0.3)
    assert width == pytest.approx(np.sqrt(8**2 / 12 + 1.6**2 / 4), rel=0.15)


def test_a_vessel_that_moves_along_itself_looks_still(monkeypatch: pytest.MonkeyPatch) -> None:
    still, fast = (swept(np.array([mm, 0.0, 0.0]), monkeypatch)[70:120] for mm in (0.0, 4.0))
    assert float((still - fast).abs().max()) < 0.02


def test_walls_seen_at_different_moments_keep_the_lumen_in_its_range(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(painting, "PARTIALS", 1.0)
    moved = np.linspace(-1, 1, 5)[:, None, None] * np.broadcast_to([0.0, 3.0, 0.0], (1, *LINE.shape))
    for seed in range(4):
        hu = torch.zeros(WORKING_SHAPE)
        add_vessels(
            hu, Tree(LINE, RADII, np.zeros(len(LINE), int), moved), 400.0, np.random.default_rng(seed)
        )
        assert torch.isfinite(hu).all()
        assert 100 < float(hu.max()) <= painting.CALCIUM_HU[1]


def test_a_tube_is_as_wide_as_its_radius() -> None:
    hu = torch.zeros(WORKING_SHAPE)
    paint_tubes(hu, LINE, np.full(len(LINE), 3.0), 100.0)
    section = float(hu[96].sum()) / 100 * WORKING_SPACING_MM**2
    assert section == pytest.approx(np.pi * 9, rel=0.1)
