from __future__ import annotations

import multiprocessing
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts import SetupError  # noqa: E402
from scanserve.contracts.ccta import COARSE_SHAPE  # noqa: E402
from scanserve.training.ccta.makers import Here, Makers, world_makers  # noqa: E402
from scanserve.training.ccta.scenebank import scene_bank  # noqa: E402
from scanserve.training.ccta.seeds import TRAIN  # noqa: E402

pytestmark = pytest.mark.torch

CPU = torch.device("cpu")


def test_another_process_makes_the_same_kind_of_worlds_and_ends_with_the_training(tmp_path: Path) -> None:
    scenes = scene_bank(tmp_path, TRAIN, 1)
    scenes._write(TRAIN.first_seed)
    with world_makers(0, scenes, None, CPU, (0, 0)) as here:
        assert isinstance(here, Here)
        (mine,) = here.first(1)
    with world_makers(1, scenes, None, CPU, (0, 0)) as made:
        assert isinstance(made, Makers)
        (theirs,) = made.first(1)
    assert {name: tuple(value.shape) for name, value in theirs.items()} == {
        name: tuple(value.shape) for name, value in mine.items()
    }
    assert theirs["coarse"].shape == (2, *COARSE_SHAPE)
    assert theirs["coarse_maps"].any()
    assert not any("_make" in str(child) for child in multiprocessing.active_children())


def test_makers_share_the_scenes(tmp_path: Path) -> None:
    from scanserve.training.ccta.live import Worlds

    scenes, rng = scene_bank(tmp_path, TRAIN, 5), np.random.default_rng(0)
    drawn = [{Worlds(scenes, None, CPU, (part, 2))._number(rng) for _ in range(60)} for part in range(2)]
    assert drawn == [{0, 2, 4}, {1, 3}]


def test_what_is_not_ready_is_not_waited_for() -> None:
    empty = Makers(multiprocessing.get_context("spawn").Queue())
    assert list(empty.ready(3)) == []


def test_a_process_that_ended_ends_the_training() -> None:
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=int)
    process.start()
    process.join()
    makers = Makers(context.Queue(), [process])
    for take in (makers.first, makers.ready):
        with pytest.raises(SetupError, match="but 1 ended, with status 0"):
            list(take(1))
