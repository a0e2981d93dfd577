"""Both heat-map networks learn together from live worlds, within a budget of time."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from scanserve.training.budget import Budget, Preparing, Progress
from scanserve.training.ccta.heatmaps import STAGE1_RECIPE, STAGE2_RECIPE
from scanserve.training.ccta.hosts import host_bank
from scanserve.training.ccta.live import Pool
from scanserve.training.ccta.makers import Source, world_makers
from scanserve.training.ccta.scenebank import scene_bank
from scanserve.training.ccta.seeds import TRAIN
from scanserve.training.optimization import warm_cosine
from scanserve.training.recipe import Recipe
from scanserve.training.trainee import Trainee

__all__ = ["train_together"]

#: Scenes of phantoms.
SCENES = 600
#: Most algorithms that are tried for a convolution on a GPU.
ALGORITHMS = 3
#: Decay of the moving average of the weights, and seconds between checkpoints.
DECAY, CHECKPOINT_S = 0.998, 60.0
#: The schedule of the learning rate is cut into this many parts of the budget.
PARTS = 10_000


@dataclass(frozen=True)
class Sizes:
    """Worlds in the pool, new ones at most in each step and before the first, coarse grids and patches of a step.

    ``makers`` is the number of processes that make worlds beside the training; 0 makes them between the steps.
    """

    pool: int
    fresh: int
    first: int
    coarse: int
    patches: int
    makers: int


#: A GPU fills its cores with a batch; a processor learns more from many small steps.
SIZES = {"cuda": Sizes(384, 6, 32, 8, 24, 4), "cpu": Sizes(48, 1, 6, 1, 3, 0)}


def train_together(
    budget: Budget, progress: Progress | None = None, preparing: Preparing | None = None
) -> dict[str, tuple[Trainee, int]]:
    """Train within the budget; per model, the trainee and its number of steps, stage 1 first.

    The scenes are made first, on all cores; their time is part of the budget.  The run folder holds a checkpoint of
    each network, from which the next call goes on with what is left of the budget.
    """
    began, device = time.monotonic(), torch.device(budget.device)
    torch.backends.cudnn.benchmark, torch.backends.cudnn.benchmark_limit = True, ALGORITHMS
    scenes = scene_bank(budget.sources.cache, TRAIN, budget.studies or SCENES)
    hosts = None if budget.sources.hosts is None else host_bank(budget.sources.cache, budget.sources.hosts)
    for bank in filter(None, (hosts, scenes)):
        bank.prepare(preparing)
    trainees = [_trainee(recipe, budget) for recipe in (STAGE1_RECIPE, STAGE2_RECIPE)]
    step, spent = _resume(budget, trainees)
    if spent < budget.seconds:
        with world_makers(SIZES[device.type].makers, scenes, hosts, device, (budget.seed, step)) as worlds:
            step = _learn(budget, began - spent, trainees, worlds, step, progress)
    return {trainee.recipe.model: (trainee, step) for trainee in trainees}


def _trainee(recipe: Recipe, budget: Budget) -> Trainee:
    width = {} if budget.width is None else {"width": budget.width}
    sized = replace(recipe, config={**recipe.config, **width})
    return Trainee(sized, budget.seed, budget.device, budget.start_from, DECAY)


def _learn(
    budget: Budget,
    began: float,
    trainees: list[Trainee],
    worlds: Source,
    step: int,
    progress: Progress | None,
) -> int:
    """Steps from ``step`` on until the budget, of which ``began`` is the start, is spent; their number."""
    (stage1, stage2), device = trainees, torch.device(budget.device)
    sizes, rng = SIZES[device.type], np.random.default_rng((budget.seed, step))
    pool = Pool(sizes.pool, device)
    stage1.average.eval()
    for sample in worlds.first(sizes.first):
        pool.add(sample, stage1.average, rng)
    saved = time.monotonic()
    while (elapsed := time.monotonic() - began) < budget.seconds:
        rate = warm_cosine(int(PARTS * elapsed / budget.seconds), PARTS)
        for sample in worlds.ready(sizes.fresh):
            pool.add(sample, stage1.average, rng)
        first = stage1.learn(pool.coarse(sizes.coarse, rng), step, rate)
        second = stage2.learn(pool.patches(sizes.patches, rng), step, rate)
        step += 1
        if progress:
            terms = {name: first[name] + second[name] for name in ("total", "dropped")}
            progress(int(elapsed), int(budget.seconds), terms)
        if time.monotonic() - saved > CHECKPOINT_S:
            _save(budget, trainees, step, elapsed)
            saved = time.monotonic()
    _save(budget, trainees, step, budget.seconds)
    return step


def _resume(budget: Budget, trainees: list[Trainee]) -> tuple[int, float]:
    """The step and the seconds of the last checkpoint."""
    log = budget.run / "spent.json"
    if not log.is_file():
        return 0, 0.0
    steps = [trainee.load(_checkpoint(budget, trainee)) for trainee in trainees]
    return min(steps), float(json.loads(log.read_text(encoding="utf-8"))["seconds"])


def _save(budget: Budget, trainees: list[Trainee], step: int, elapsed: float) -> None:
    budget.run.mkdir(parents=True, exist_ok=True)
    for trainee in trainees:
        trainee.save(_checkpoint(budget, trainee), step)
    (budget.run / "spent.json").write_text(json.dumps({"seconds": elapsed, "step": step}), encoding="utf-8")


def _checkpoint(budget: Budget, trainee: Trainee) -> Path:
    return budget.run / f"{trainee.recipe.model}.safetensors"
