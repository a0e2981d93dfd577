from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts.dat import NETWORKS  # noqa: E402
from scanserve.training.dat import RECIPES  # noqa: E402
from scanserve.training.dat.denoise import BatchedSlices, _psnr_db  # noqa: E402
from scanserve.training.loop import train  # noqa: E402
from scanserve.training.optimization import adam  # noqa: E402
from scanserve.training.options import TrainingOptions  # noqa: E402
from scanserve.training.recipe import Sources  # noqa: E402

pytestmark = pytest.mark.torch


def test_every_network_is_trained_alike_and_as_published() -> None:
    assert set(RECIPES) == set(NETWORKS)
    for recipe in RECIPES.values():
        assert (recipe.steps, recipe.studies, recipe.learning_rate) == (15_000, 120, 1e-3)
        assert recipe.optimizer is adam
        epochs = [recipe.rate(75 * epoch, recipe.steps) for epoch in (0, 149, 150, 199)]
        assert epochs == [1, 1, 0.01, 0.01]


def test_an_epoch_shows_every_imageonce(
    tmp_path: Path, toy_patients: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanserve.training.dat.denoise.vary", lambda images, rng: images)
    samples = BatchedSlices(Sources(tmp_path, tmp_path), 8, seed=3)
    samples.prepare()
    orders = []
    for epoch in range(2):
        shown = torch.cat([samples.batch(5 * epoch + place)["slices"] for place in range(5)])[:, 0].numpy()
        orders.append([int(np.argmax((samples.slices.noisy == image).all((1, 2)))) for image in shown])
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(40))
    assert orders[0] != orders[1]


def test_a_step_always_gives_the_same_batch(tmp_path: Path, toy_patients: None) -> None:
    first, second = (BatchedSlices(Sources(tmp_path, tmp_path), 2, seed=3) for _ in range(2))
    first.prepare()
    for name, tensor in first.batch(7).items():
        assert tensor.shape == (8, 1, 64, 64)
        assert tensor.dtype == torch.float32
        assert torch.equal(tensor, second.batch(7)[name])


def test_noise_is_learned_away(tmp_path: Path, toy_patients: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanserve.training.dat.denoise.VALIDATION", replace(_validation(), patients=2))
    recipe = replace(RECIPES["dat_unet1"], steps=60, studies=4)
    sources = Sources(tmp_path / "cache", tmp_path)
    network, _ = train(recipe, TrainingOptions(tmp_path / "run", sources))
    metrics = recipe.validate(network, sources)
    assert metrics["validation_psnr_db"] > metrics["validation_psnr_db_unrestored"] + 2


def _validation():
    from scanserve.training.dat.seeds import VALIDATION

    return VALIDATION


def test_psnr_has_the_closed_form() -> None:
    reference = np.full((2, 4, 4), [[[2.0]], [[4.0]]], np.float32)
    assert _psnr_db(reference + 0.2, reference) == pytest.approx((20 + 20 * np.log10(20)) / 2, rel=1e-5)
