from __future__ import annotations

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")
from scanserve.contracts import InputError  # noqa: E402
from scanserve.contracts.spine import IMAGE_SHAPE, MAP_SHAPE, POINTS  # noqa: E402
from scanserve.networks.spine import build  # noqa: E402
from scanserve.training.recipe import Sources  # noqa: E402
from scanserve.training.spine import ablations  # noqa: E402
from scanserve.training.spine.ablations import VARIANTS, Halved, ablate, train_variant  # noqa: E402
from scanserve.training.trainee import Trainee  # noqa: E402

pytestmark = pytest.mark.torch


def test_each_variant_differs_from_the_first_in_one_choice() -> None:
    first, *others = VARIANTS.values()
    for variant in others:
        changed = {name for name, value in vars(variant).items() if value != getattr(first, name)} - {"title"}
        assert len(changed - {"width"}) == 1, variant.title


@pytest.mark.parametrize("model", ["spine_unet", "spine_hrnet"])
def test_a_halved_network_has_the_usual_shapes(model: str) -> None:
    network = Halved(build(model, {"width": 4, "gate": 1})).eval()
    maps = torch.zeros(1, POINTS, *MAP_SHAPE)
    with torch.no_grad():
        found = network(torch.zeros(1, 1, *IMAGE_SHAPE), maps, maps)
    for logits in (found,) if isinstance(found, torch.Tensor) else found:
        assert logits.shape == maps.shape


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """Two training films, made once."""
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("name", ["unet", "no-gate", "no-first-hints", "places", "morphology"])
def test_every_choice_reaches_the_training(cache, name: str) -> None:
    terms: list[dict] = []
    variant = replace(VARIANTS[name], width=4)
    network, steps = train_variant(
        variant,
        Sources(cache, cache),
        seconds=0.01,
        films=2,
        progress=lambda share, step, found: terms.append(dict(found)),
    )
    assert steps == len(terms) >= 1
    assert ("morphology" in terms[0]) == variant.morphology
    assert ("places" in terms[0]) == ("edges" in terms[0]) == variant.places
    assert (network.network.gate is not None) == variant.gate


def test_what_was_trained_is_used_again(tmp_path, cache, monkeypatch) -> None:
    monkeypatch.setitem(VARIANTS, "unet", replace(VARIANTS["unet"], width=4))
    monkeypatch.setattr(ablations, "FILMS", 2)
    sources = Sources(cache, tmp_path / "run")
    (first,) = ablate(["unet"], 0.01, sources)
    monkeypatch.setattr(Trainee, "learn", None)
    (again,) = ablate(["unet"], 0.01, sources)
    assert (again.name, again.title, again.steps) == (first.name, first.title, first.steps)
    assert again.figures(1) == first.figures(1)
    assert first.figures(1)["manual_mre_3_clicks_px"] < first.figures(1)["mre_0_clicks_px"]


def test_an_unknown_variant_names_the_known_ones(tmp_path) -> None:
    with pytest.raises(InputError, match="no-gate") as error:
        list(ablate(["nothing"], 1, Sources(tmp_path, tmp_path)))
    assert error.value.code == "unknown-variant"
