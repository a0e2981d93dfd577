from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts.ccta import WORKING_SHAPE, WORKING_SPACING_MM  # noqa: E402
from scanserve.training.ccta.worlds.frame import MIDDLE  # noqa: E402
from scanserve.training.ccta.worlds.painting import LUMEN_HU, THIN_LOSS, add_vessels  # noqa: E402

pytestmark = pytest.mark.torch

LINE = np.stack([np.linspace(-40, 40, 161), np.full(161, 4.0), np.full(161, -7.0)], axis=1)


@pytest.mark.parametrize("seed", range(6))
def test_a_vessel_is_bright_on_its_line_and_only_near_it(seed: int) -> None:
    hu = np.full(WORKING_SHAPE, 50, np.float32)
    add_vessels(hu, LINE, np.full(len(LINE), 1.6), np.random.default_rng(seed))
    index = np.rint(LINE / WORKING_SPACING_MM + MIDDLE).astype(int)
    assert hu[tuple(index.T)].min() > LUMEN_HU[0] * (1 - THIN_LOSS) * 0.9
    _, y, x = np.nonzero(hu != 50)
    far = np.hypot(y - index[0, 1], x - index[0, 2]) * WORKING_SPACING_MM
    assert far.max() < 1.6 + 5 + 2 + 2 * WORKING_SPACING_MM


def test_a_tree_outside_the_grid_paints_nothing() -> None:
    hu = np.zeros(WORKING_SHAPE, np.float32)
    add_vessels(hu, LINE + 500, np.full(len(LINE), 1.6), np.random.default_rng(0))
    assert not hu.any()
