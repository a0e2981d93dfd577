from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts.ccta import COARSE_SHAPE, VESSELS, WORKING_SHAPE  # noqa: E402
from scanserve.training.ccta import worldbank  # noqa: E402
from scanserve.training.ccta.seeds import TRAIN  # noqa: E402
from scanserve.training.ccta.worldbank import PATCH, as_channels, make_sample, sample_of  # noqa: E402
from scanserve.training.ccta.worlds import World  # noqa: E402

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def world() -> World:
    """A straight vessel of each kind, 2 mm across, through a dark block."""
    hu = np.full(WORKING_SHAPE, -80, np.float32)
    along = np.linspace(-50, 50, 201)
    points, vessel = [], []
    for number, off in enumerate((-30.0, 0.0, 30.0)):
        points.append(np.stack([along, np.full(201, off), np.full(201, off)], axis=1))
        vessel.append(np.full(201, number))
        at = round(off / 0.9 + 95.5)
        hu[40:152, at - 1 : at + 1, at - 1 : at + 1] = 350
    return World(torch.from_numpy(hu), np.concatenate(points), np.concatenate(vessel))


def test_the_sample_shows_vessels_where_its_maps_are(world: World) -> None:
    item = sample_of(world, np.random.default_rng(0))
    assert item["coarse"].shape == (2, *COARSE_SHAPE)
    assert item["coarse_maps"].shape == (len(VESSELS), *COARSE_SHAPE)
    _, evidence = as_channels(item["coarse"])
    for maps in item["coarse_maps"]:
        assert maps.max() > 220
        assert evidence[maps > 220].mean() > 20 * evidence[item["coarse_maps"].max(axis=0) == 0].mean()


def test_patches_are_cut_from_the_world(world: World) -> None:
    item = sample_of(world, np.random.default_rng(1))
    window = np.clip((world.hu.numpy() + 350) / 1200, 0, 1) * 255
    for image, corner in zip(item["patches"], item["corners"], strict=True):
        box = tuple(slice(int(low), int(low) + PATCH) for low in corner)
        np.testing.assert_allclose(image, window[box], atol=0.51)
    assert item["patch_maps"].max() > 200


def test_stored_channels_have_the_range_of_the_contract() -> None:
    image, evidence = as_channels(np.stack([np.array([0, 255], np.uint8)] * 2))
    np.testing.assert_allclose(image, [-1, 1])
    np.testing.assert_allclose(evidence, [0, 1.5])


def test_a_seed_makes_one_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worldbank, "PATCHES", 1)
    item = make_sample(TRAIN.first_seed, ranges=TRAIN.ranges)
    assert item["coarse_maps"].reshape(len(VESSELS), -1).max(axis=1).min() > 128
    assert item["patches"].shape == (1, PATCH, PATCH, PATCH)
