from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts.ccta import COARSE_SHAPE, VESSELS  # noqa: E402
from scanserve.contracts.ct import AIR_HU  # noqa: E402
from scanserve.geometry.sampling import trilinear  # noqa: E402
from scanserve.training.ccta import worldbank  # noqa: E402
from scanserve.training.ccta.plainbank import make_plain_sample, plain_bank, plain_world  # noqa: E402
from scanserve.training.ccta.seeds import TRAIN  # noqa: E402
from scanserve.training.ccta.worldbank import world_bank  # noqa: E402
from scanserve.training.ccta.worlds.frame import HALF_MM, to_index  # noqa: E402
from scanserve.training.recipe import Sources  # noqa: E402

pytestmark = pytest.mark.torch

SEED = TRAIN.first_seed


@pytest.fixture(scope="module")
def world():
    return plain_world(SEED, TRAIN.ranges, np.random.default_rng(0))


def test_the_vessels_of_the_phantom_are_in_its_image(world) -> None:
    assert set(world.vessel) == {0, 1, 2}
    assert (np.abs(world.points) < HALF_MM).all()
    hu = world.hu.numpy()
    on, beside = (trilinear(hu, to_index(world.points) + off, AIR_HU, np.float64) for off in (0, 6))
    assert np.median(on) > np.median(beside) + 100


def test_outside_the_field_of_view_there_is_air(world) -> None:
    """The phantom of this seed is scanned over fewer slices than the grid has."""
    hu = world.hu.numpy()
    assert (hu[0] == AIR_HU).all()
    assert (hu[96] != AIR_HU).any()


def test_a_heart_is_not_randomised_but_lies_near_the_middle(world) -> None:
    other = plain_world(SEED, TRAIN.ranges, np.random.default_rng(1))
    size, again = (np.ptp(one.points[one.vessel == 0], axis=0) for one in (world, other))
    np.testing.assert_allclose(size, again, rtol=0.25)  # another phase of the same heart
    assert np.abs(world.points.mean(axis=0)).max() < 30


def test_a_sample_is_like_that_of_a_world(monkeypatch) -> None:
    monkeypatch.setattr(worldbank, "PATCHES", 1)
    item = make_plain_sample(SEED, ranges=TRAIN.ranges)
    assert item["coarse"].shape == (2, *COARSE_SHAPE)
    assert item["coarse_maps"].reshape(len(VESSELS), -1).max(axis=1).min() > 128


def test_it_is_kept_beside_worlds_of_the_same_seeds(tmp_path) -> None:
    plain, worlds = plain_bank(tmp_path, TRAIN, 3), world_bank(Sources(tmp_path, tmp_path), TRAIN, 3)
    assert plain.seeds == worlds.seeds
    assert plain.folder != worlds.folder
