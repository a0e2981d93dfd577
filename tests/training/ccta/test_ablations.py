from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts import InputError  # noqa: E402
from scanserve.contracts.ccta import COARSE_SHAPE  # noqa: E402
from scanserve.training.ccta import ablations  # noqa: E402
from scanserve.training.ccta.ablations import VARIANTS, Blind, PlainSamples, ablate  # noqa: E402
from scanserve.training.ccta.heatmaps import CoarseSamples  # noqa: E402
from scanserve.training.recipe import Sources  # noqa: E402
from scanserve.training.trainee import Trainee  # noqa: E402

pytestmark = pytest.mark.torch


class Drawn:
    """Samples in place of worlds that take seconds to make; ``asked`` tells which kind and with which hosts."""

    asked: list[tuple[str, Path | None]]

    def __init__(self, kind: str, sources: Sources) -> None:
        self.asked.append((kind, sources.hosts))
        self.bank = type("Bank", (), {"folder": Path(f"{kind}-{sources.hosts}")})()

    def prepare(self) -> None:
        pass

    def batch(self, step: int) -> dict:
        return {"image": torch.zeros(1, 2, 64, 64, 64), "target": torch.zeros(1, 3, 64, 64, 64)}


@pytest.fixture
def asked(monkeypatch) -> list:
    Drawn.asked = []
    monkeypatch.setattr(ablations, "CoarseSamples", lambda sources, studies, seed: Drawn("worlds", sources))
    monkeypatch.setattr(ablations, "PlainSamples", lambda sources, studies, seed: Drawn("plain", sources))
    return Drawn.asked


def test_each_variant_differs_from_the_first_in_one_choice() -> None:
    first, *others = VARIANTS.values()
    for variant in others:
        changed = {name for name, value in vars(variant).items() if value != getattr(first, name)} - {"title"}
        assert len(changed) == 1, variant.title


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("worlds", ("worlds", None)),
        ("hosts", ("worlds", Path("hosts"))),
        ("phantoms", ("plain", Path("hosts"))),
    ],
)
def test_every_kind_of_world_reaches_the_training(tmp_path, asked, name: str, expected: tuple) -> None:
    (trained,) = ablate([name], 0.001, Sources(tmp_path, tmp_path, hosts=Path("hosts")))
    assert asked == [expected]
    assert trained.steps >= 1
    assert trained.title == VARIANTS[name].title


@pytest.mark.parametrize("name", ["width-12", "width-16", "again"])
def test_width_and_seed_reach_the_network(tmp_path, asked, name: str) -> None:
    both = {
        n: t
        for n in ("worlds", name)
        for t in ablate([n], 0.001, Sources(tmp_path, tmp_path, hosts=Path("h")))
    }
    stems = {n: t.network.state_dict()["stem.0.weight"] for n, t in both.items()}
    assert len(stems[name]) == VARIANTS[name].width
    assert stems[name].shape != stems["worlds"].shape or not torch.equal(stems[name], stems["worlds"])


@pytest.mark.parametrize(("name", "blank"), [("evidence", 0), ("mean", 1)])
def test_a_blind_network_never_sees_a_channel(tmp_path, asked, name: str, blank: int) -> None:
    (trained,) = ablate([name], 0.001, Sources(tmp_path, tmp_path, hosts=Path("h")))
    one, other = (np.random.default_rng(0).random((1, 2, 32, 32, 32), np.float32) for _ in range(2))
    other[:, blank] = 0.25
    np.testing.assert_array_equal(trained.answer(one), trained.answer(other))


def test_a_blind_network_sees_the_neutral_value_of_training() -> None:
    seen = Blind(torch.nn.Identity(), "mean")(torch.zeros(1, 2, 2, 2, 2))
    assert seen[0, :, 0, 0, 0].tolist() == [-1, 0]


def test_answers_are_maps_from_0_to_1(tmp_path, asked) -> None:
    (trained,) = ablate(["worlds"], 0.001, Sources(tmp_path, tmp_path, hosts=Path("h")))
    maps = trained.answer(np.zeros((1, 2, 32, 32, 32), np.float32))
    assert (maps.shape, maps.dtype) == ((1, 3, 32, 32, 32), np.float32)
    assert 0 < maps.min() <= maps.max() < 1
    assert not trained.network.training


def test_without_hosts_what_needs_them_is_left_out(tmp_path, asked) -> None:
    sources = Sources(tmp_path, tmp_path)
    assert [row.name for row in ablate([], 0.001, sources)] == [name for name in VARIANTS if name != "hosts"]
    with pytest.raises(InputError) as error:
        list(ablate(["hosts"], 0.001, sources))
    assert error.value.code == "unknown-variant"


def test_what_was_trained_is_used_again(tmp_path, asked, monkeypatch) -> None:
    sources = Sources(tmp_path, tmp_path / "run", hosts=Path("h"))
    (first,) = ablate(["worlds"], 0.001, sources)
    monkeypatch.setattr(Trainee, "learn", None)
    (again,) = ablate(["worlds"], 0.001, sources)
    assert again.steps == first.steps
    for mine, theirs in zip(again.network.parameters(), first.network.parameters(), strict=True):
        assert torch.equal(mine, theirs)


def test_an_unknown_variant_names_the_known_ones(tmp_path) -> None:
    with pytest.raises(InputError, match="width-12") as error:
        list(ablate(["nothing"], 1, Sources(tmp_path, tmp_path)))
    assert error.value.code == "unknown-variant"


def test_phantoms_that_are_not_randomised_give_batches_like_worlds(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(ablations, "plain_bank", lambda cache, split, count: OneWorld(count))
    samples = PlainSamples(Sources(tmp_path, tmp_path), 3, 0)
    assert isinstance(samples, CoarseSamples)
    batch = samples.batch(0)
    assert batch["image"].shape == (1, 2, *COARSE_SHAPE)
    assert batch["target"].shape == (1, 3, *COARSE_SHAPE)


class OneWorld:
    """A bank whose items are all the same, empty one."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    def read(self, index: int) -> dict:
        return {
            "coarse": np.zeros((2, *COARSE_SHAPE), np.uint8),
            "coarse_maps": np.zeros((3, *COARSE_SHAPE), np.uint8),
        }
