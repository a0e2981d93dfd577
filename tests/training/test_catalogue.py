from __future__ import annotations

import pytest

pytest.importorskip("torch")
from scanserve.contracts import APPLICATIONS, InputError
from scanserve.training.catalogue import find_recipe

pytestmark = pytest.mark.torch

NETWORKS = [m.name for app in APPLICATIONS for m in app.models if m.kind == "network"]


@pytest.mark.parametrize("model", NETWORKS)
def test_every_served_network_can_be_trained(model: str) -> None:
    recipe = find_recipe(model)
    assert recipe.model == model
    assert recipe.build(recipe.config) is not None


def test_a_graph_has_nothing_to_train() -> None:
    with pytest.raises(InputError) as error:
        find_recipe("ccta_crop")
    assert error.value.code == "not-trainable"
