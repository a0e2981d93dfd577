from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts import InputError, SetupError  # noqa: E402
from scanserve.networks.weights import save_weights  # noqa: E402
from scanserve.training.checkpoint import load_checkpoint  # noqa: E402
from scanserve.training.loop import restore, train  # noqa: E402
from scanserve.training.optimization import adam, adamw, falling, warm_cosine  # noqa: E402
from scanserve.training.options import TrainingOptions  # noqa: E402
from scanserve.training.precision import measured  # noqa: E402
from scanserve.training.recipe import Recipe, Sources  # noqa: E402
from scanserve.training.trainee import _channels_last  # noqa: E402

pytestmark = pytest.mark.torch


class Line:
    """Samples of y = 2 x; the same step always gives the same batch."""

    def __init__(self, cache: Path, studies: int, seed: int) -> None:
        self.seed = seed

    def prepare(self, progress=None) -> None:
        pass

    def batch(self, step: int) -> dict:
        generator = torch.Generator().manual_seed(1000 * self.seed + step)
        x = torch.randn(16, 1, 1, 1, 1, generator=generator)
        return {"x": x, "y": 2 * x}


def _recipe(steps: int) -> Recipe:
    return Recipe(
        model="line",
        config={},
        build=lambda config: torch.nn.Conv3d(1, 1, 1),
        samples=Line,
        loss=lambda model, batch: {"total": (model(batch["x"]).float() - batch["y"]).pow(2).mean()},
        validate=lambda model, cache: {"weight": float(model.weight.detach())},
        steps=steps,
        studies=1,
        learning_rate=0.1,
        data="closed form",
    )


def _weight(network) -> float:
    return float(network.weight.detach().reshape(()))


def test_learns_a_line(tmp_path: Path) -> None:
    network, trained = train(_recipe(150), TrainingOptions(tmp_path, Sources(tmp_path, tmp_path)))
    assert trained == 150
    assert _weight(network) == pytest.approx(2.0, abs=0.1)


def test_a_resumed_run_equals_an_unbroken_one(tmp_path: Path) -> None:
    whole, _ = train(_recipe(20), TrainingOptions(tmp_path / "a", Sources(tmp_path, tmp_path)))

    class StopError(Exception):
        pass

    def stop(done: int, total: int, terms: object) -> None:
        if done == 11:
            raise StopError

    broken = TrainingOptions(tmp_path / "b", Sources(tmp_path, tmp_path), checkpoint_every=10)
    with pytest.raises(StopError):
        train(_recipe(20), broken, stop)
    resumed, _ = train(_recipe(20), broken)
    assert _weight(resumed) == _weight(whole)


def test_the_same_seed_gives_the_same_weights(tmp_path: Path) -> None:
    first, _ = train(_recipe(5), TrainingOptions(tmp_path / "a", Sources(tmp_path, tmp_path), seed=3))
    second, _ = train(_recipe(5), TrainingOptions(tmp_path / "b", Sources(tmp_path, tmp_path), seed=3))
    other, _ = train(_recipe(5), TrainingOptions(tmp_path / "c", Sources(tmp_path, tmp_path), seed=4))
    assert _weight(first) == _weight(second) != _weight(other)


def test_restore_without_a_checkpoint_is_a_coded_error(tmp_path: Path) -> None:
    with pytest.raises(SetupError) as error:
        restore(_recipe(1), TrainingOptions(tmp_path, Sources(tmp_path, tmp_path)))
    assert error.value.code == "checkpoint-missing"


def test_no_checkpoint_means_from_the_start(tmp_path: Path) -> None:
    network = torch.nn.Conv3d(1, 1, 1)
    assert load_checkpoint(tmp_path / "none", network, network, torch.optim.AdamW(network.parameters())) == 0


def _start(folder: Path, **config: int) -> Path:
    network = torch.nn.Conv3d(1, 1, 1)
    torch.nn.init.constant_(network.weight, 1.5)
    fields = {"seed": 0, "data": {}, "metrics": {}, "licence": "", "intended_use": "", "training_command": ""}
    save_weights(folder / "line", network.state_dict(), config=config, trained_on=("lines",), **fields)
    return folder


def test_a_fresh_run_begins_with_the_weights_it_is_given(tmp_path: Path) -> None:
    start = _start(tmp_path / "start")
    options = TrainingOptions(tmp_path / "run", Sources(tmp_path, tmp_path), start_from=start)
    network, _ = train(replace(_recipe(1), learning_rate=0.0), options)
    assert _weight(network) == 1.5


def test_a_network_with_more_inputs_begins_with_those_that_are_trained(tmp_path: Path) -> None:
    start = _start(tmp_path / "start", in_channels=1)
    options = TrainingOptions(tmp_path / "run", Sources(tmp_path, tmp_path), start_from=start)
    wider = replace(
        _recipe(1),
        config={"in_channels": 2},
        build=lambda config: torch.nn.Conv3d(2, 1, 1),
        loss=lambda model, batch: {"total": model(batch["x"].repeat(1, 2, 1, 1, 1)).square().mean()},
        learning_rate=0.0,
    )
    network, _ = train(wider, options)
    torch.manual_seed(options.seed)
    fresh = torch.nn.Conv3d(2, 1, 1).weight
    assert network.weight[0, 0].item() == 1.5
    assert network.weight[0, 1].item() == fresh[0, 1].item()


def test_weights_of_another_network_are_no_start(tmp_path: Path) -> None:
    start = _start(tmp_path / "start", width=3)
    options = TrainingOptions(tmp_path / "run", Sources(tmp_path, tmp_path), start_from=start)
    with pytest.raises(InputError, match="configuration") as raised:
        train(_recipe(1), options)
    assert raised.value.code == "start-config"


def _by_hand(steps: int, optimizer, rate) -> torch.Tensor:
    """The moving average that the recipe's optimizer and rate give, without the loop."""
    torch.manual_seed(0)
    network = torch.nn.Conv3d(1, 1, 1).to(memory_format=torch.channels_last_3d)
    average = network.weight.detach().clone()
    moving, samples = optimizer(network.parameters(), lr=0.1), Line(None, 1, 0)
    for step in range(steps):
        moving.param_groups[0]["lr"] = rate(step, steps) * 0.1
        batch = samples.batch(step)
        with measured("cpu").context():
            loss = (network(batch["x"]).float() - batch["y"]).pow(2).mean()
        moving.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        moving.step()
        average.lerp_(network.weight.detach(), 1 - min(0.995, (1 + step) / (10 + step)))
    return average


@pytest.mark.parametrize(("optimizer", "rate"), [(adamw, warm_cosine), (adam, falling(0.75, 0.01))])
def test_the_recipe_decides_how_weights_move(tmp_path: Path, optimizer, rate) -> None:
    recipe = replace(_recipe(20), optimizer=optimizer, rate=rate)
    network, _ = train(recipe, TrainingOptions(tmp_path, Sources(tmp_path, tmp_path)))
    assert torch.equal(network.weight, _by_hand(20, optimizer, rate))


def test_a_recipe_that_says_nothing_moves_as_ever(tmp_path: Path) -> None:
    network, _ = train(_recipe(20), TrainingOptions(tmp_path, Sources(tmp_path, tmp_path)))
    assert torch.equal(network.weight, _by_hand(20, adamw, warm_cosine))


@pytest.mark.parametrize("kernel", [1, 3])
def test_volumes_are_laid_out_as_torch_does_it(kernel: int) -> None:
    """Strides too, where a layout is ambiguous: they choose the kernel, and so the last bit of every sum."""
    ours, theirs = (torch.nn.Conv3d(2, 4, kernel) for _ in range(2))
    _channels_last(ours)
    theirs.to(memory_format=torch.channels_last_3d)
    assert ours.weight.stride() == theirs.weight.stride()


def test_images_train_like_volumes(tmp_path: Path) -> None:
    class Flat(Line):
        def batch(self, step: int) -> dict:
            return {name: tensor[..., 0] for name, tensor in super().batch(step).items()}

    recipe = replace(_recipe(150), build=lambda config: torch.nn.Conv2d(1, 1, 1), samples=Flat)
    network, _ = train(recipe, TrainingOptions(tmp_path, Sources(tmp_path, tmp_path)))
    assert _weight(network) == pytest.approx(2.0, abs=0.1)
