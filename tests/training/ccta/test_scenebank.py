from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.training.ccta.scenebank import make_scene, scene_bank, scene_of  # noqa: E402
from scanserve.training.ccta.seeds import TRAIN  # noqa: E402
from scanserve.training.ccta.worlds import phantom_scene  # noqa: E402
from scanserve.training.ccta.worlds.scene import TREE  # noqa: E402

pytestmark = pytest.mark.torch


def test_a_scene_survives_the_bank(tmp_path) -> None:
    bank = scene_bank(tmp_path, TRAIN, 1)
    bank._write(TRAIN.first_seed)
    kept, made = scene_of(bank.read(0)), phantom_scene(TRAIN.first_seed, TRAIN.ranges)
    for name in ("hu", "centre"):
        np.testing.assert_array_equal(getattr(kept, name), getattr(made, name))
    for name in TREE:
        np.testing.assert_array_equal(getattr(kept.tree, name), getattr(made.tree, name))
    assert kept.own
    assert not kept.painted


def test_the_same_seed_is_the_same_scene() -> None:
    first, again = (make_scene(TRAIN.first_seed + 1, ranges=TRAIN.ranges) for _ in range(2))
    np.testing.assert_array_equal(first["hu"], again["hu"])
