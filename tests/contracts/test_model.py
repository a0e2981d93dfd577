"""Consistency of every contract: names, data types, ensembles, deployments."""

import re
from dataclasses import replace

import pytest

from scanserve.contracts import CONFIGURATIONS, DTYPES, Axis, ModelSpec, TensorSpec, all_models, find_model

MODELS = all_models()
ENSEMBLES = [spec for spec in MODELS if spec.kind == "ensemble"]
BY_NAME = pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.name)
BY_ENSEMBLE = pytest.mark.parametrize("ensemble", ENSEMBLES, ids=lambda spec: spec.name)


def like(tensor):
    return tensor.dtype, tensor.axes, tensor.unit


def test_model_names_are_unique_and_plain():
    names = [spec.name for spec in MODELS]

    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names)


@BY_NAME
def test_tensor_names_are_unique_within_each_side(spec):
    for side in (spec.inputs, spec.outputs):
        assert len({tensor.name for tensor in side}) == len(side) > 0


@BY_NAME
def test_data_types_and_descriptions_are_given(spec):
    for tensor in (*spec.inputs, *spec.outputs):
        assert tensor.dtype in DTYPES
        assert tensor.axes
        assert tensor.description.endswith(".")


@BY_NAME
def test_bounds_are_in_order_and_an_upper_one_has_a_lower_one(spec):
    for tensor in (*spec.inputs, *spec.outputs):
        assert tensor.high is None or tensor.low < tensor.high
        low, high = tensor.drawn_from
        assert low < high
        assert tensor.low is None or tensor.low <= low
        assert tensor.high is None or high <= tensor.high


@BY_NAME
def test_every_model_but_ensembles_runs_somewhere_in_every_configuration(spec):
    assert set(spec.deployments) == (set() if spec.kind == "ensemble" else set(CONFIGURATIONS))


@BY_NAME
def test_gpu_kinds_belong_to_gpu_configurations(spec):
    kinds = {name: place.kind for name, place in spec.deployments.items()}

    for name, kind in kinds.items():
        assert kind == {"default": "KIND_AUTO", "cpu": "KIND_CPU"}.get(name, "KIND_GPU")


@BY_NAME
def test_plans_only_where_the_graph_is_meant_for_tensorrt(spec):
    plans = [place for place in spec.deployments.values() if place.backend == "tensorrt"]

    assert bool(plans) == spec.tensorrt
    assert all(place.capability_files for place in plans)


@BY_NAME
def test_tensorrt_models_use_types_that_tensorrt_has(spec):
    types = {tensor.dtype for tensor in (*spec.inputs, *spec.outputs)}

    assert not spec.tensorrt or types <= {"FP32", "FP16", "INT32", "UINT8"}


@BY_NAME
def test_queue_delay_needs_batching(spec):
    assert spec.batched or spec.queue_delay_us == 0


@BY_ENSEMBLE
def test_steps_name_every_tensor_of_their_model(ensemble):
    for step in ensemble.steps:
        model = find_model(step.model)
        assert set(step.inputs) == {tensor.name for tensor in model.inputs}
        assert set(step.outputs) <= {tensor.name for tensor in model.outputs}


@BY_ENSEMBLE
def test_every_step_reads_what_was_produced_with_the_same_type_axes_and_unit(ensemble):
    produced = {tensor.name: tensor for tensor in ensemble.inputs}
    for step in ensemble.steps:
        model = find_model(step.model)
        for inner, outer in step.inputs.items():
            assert like(model.input(inner)) == like(produced[outer]), (step.model, inner)
        produced |= {outer: model.output(inner) for inner, outer in step.outputs.items()}

    for tensor in ensemble.outputs:
        assert like(tensor) == like(produced[tensor.name])


@BY_ENSEMBLE
def test_no_tensor_of_an_ensemble_is_produced_twice(ensemble):
    made = [outer for step in ensemble.steps for outer in step.outputs.values()]

    assert len(set(made)) == len(made)
    assert not set(made) & {tensor.name for tensor in ensemble.inputs}


@BY_ENSEMBLE
def test_members_of_an_ensemble_share_its_batching(ensemble):
    assert {find_model(step.model).max_batch_size for step in ensemble.steps} == {ensemble.max_batch_size}


def test_tensors_are_found_by_name():
    spec = ModelSpec("m", "", "graph", (TensorSpec("x", "FP32", (Axis("n", 3),), ""),), ())

    assert spec.input("x").shape == (3,)
    with pytest.raises(KeyError):
        spec.output("x")
    assert not spec.batched


def test_a_model_may_be_asked_for_some_of_its_outputs():
    network = find_model("spine_unet")
    assert [output.name for output in network.only("points").outputs] == ["points"]
    assert replace(network.only("points"), outputs=network.outputs) == network
    with pytest.raises(KeyError):
        network.only("other")
