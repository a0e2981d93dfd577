from __future__ import annotations

from dataclasses import replace

import pytest

from scanserve.contracts import EnsembleStep, ModelSpec, all_models
from scanserve.server.proof import proved_by
from tests.support import tiny_models as tiny


def test_a_network_is_proved_and_a_graph_is_not():
    assert proved_by(tiny.SQUARED, tiny.MODELS) == {"tiny_square"}
    assert proved_by(tiny.CHAIN, tiny.MODELS) == frozenset()


def test_what_is_no_ensemble_proves_nothing():
    assert proved_by(tiny.SQUARE, tiny.MODELS) == frozenset()


def twice(first: dict[str, str], second: dict[str, str], shown: tuple[str, ...]) -> ModelSpec:
    """An ensemble of two networks with the outputs ``a`` and ``b``, in any order of its steps."""
    steps = (
        EnsembleStep("second", {"numbers": "between"}, second),
        EnsembleStep("first", {"numbers": "numbers"}, first),
    )
    outputs = tuple(replace(tiny.SQUARE.outputs[0], name=name) for name in shown)
    return replace(tiny.SQUARED, steps=steps, outputs=outputs)


def network(name: str) -> ModelSpec:
    outputs = tuple(replace(tiny.SQUARE.outputs[0], name=output) for output in "ab")
    return replace(tiny.SQUARE, name=name, outputs=outputs)


@pytest.mark.parametrize(
    ("first", "second", "shown", "proved"),
    [
        ({"a": "between", "b": "beside"}, {"a": "x", "b": "y"}, ("x", "y", "beside"), {"first", "second"}),
        ({"a": "between", "b": "beside"}, {"a": "x", "b": "y"}, ("x", "y"), {"second"}),
        ({"a": "between"}, {"a": "x", "b": "y"}, ("x", "y"), {"second"}),
        ({"a": "between", "b": "beside"}, {"a": "x", "b": "y"}, ("x", "beside"), {"first"}),
        ({"a": "between", "b": "beside"}, {"a": "x", "b": "y"}, ("beside",), set()),
    ],
)
def test_every_output_has_to_reach_the_ensembles_outputs(first, second, shown, proved):
    assert proved_by(twice(first, second, shown), (network("first"), network("second"))) == proved


def test_a_member_that_is_not_served_is_not_proved():
    assert proved_by(tiny.SQUARED, (tiny.SQUARED,)) == frozenset()


def test_the_networks_of_our_ensembles_are_proved():
    models = all_models()
    networks = {spec.name for spec in models if spec.kind == "network"}
    for ensemble in (spec for spec in models if spec.kind == "ensemble"):
        assert proved_by(ensemble, models) == {step.model for step in ensemble.steps} & networks
