"""The contracts of vertebra keypoints."""

import numpy as np
import pytest

from scanserve.contracts import InputError
from scanserve.contracts.spine import (
    CORNERS,
    DEFAULT_NETWORK,
    DETECT,
    IMAGE_SHAPE,
    MAP_SHAPE,
    NETWORKS,
    POINTS,
    PREPARE_GRAPH,
    SPINE,
    STRIDE,
    VERTEBRAE,
)


def test_four_corners_of_seventeen_vertebrae():
    assert (len(VERTEBRAE), len(CORNERS), POINTS) == (17, 4, 68)
    assert VERTEBRAE[0] == "T1"
    assert VERTEBRAE[11:13] == ("T12", "L1")
    assert VERTEBRAE[-1] == "L5"


def test_both_networks_have_the_same_tensors():
    first, second = (SPINE.model(name) for name in NETWORKS)
    assert (first.inputs, first.outputs) == (second.inputs, second.outputs)
    assert first.max_batch_size == second.max_batch_size == 8
    assert DEFAULT_NETWORK in NETWORKS


def test_a_heat_map_covers_the_image():
    assert tuple(STRIDE * size for size in MAP_SHAPE) == IMAGE_SHAPE


def test_the_ensemble_runs_the_graph_and_the_default_network():
    assert [step.model for step in DETECT.steps] == [PREPARE_GRAPH.name, DEFAULT_NETWORK]
    made = {name for step in DETECT.steps for name in step.outputs.values()}
    assert {tensor.name for tensor in DETECT.outputs} == made


def test_a_click_is_small():
    spec = SPINE.model(DEFAULT_NETWORK)
    assert sum(tensor.largest_bytes for tensor in spec.inputs) < 600_000
    assert sum(tensor.largest_bytes for tensor in spec.outputs) < 600_000


def test_a_film_of_any_size_and_nothing_but_films():
    film = PREPARE_GRAPH.input("film")
    film.validate(np.zeros((1, 1, 4300, 1800), np.float32), batched=True)
    with pytest.raises(InputError, match="film"):
        film.validate(np.zeros((1, 3, 4300, 1800), np.float32), batched=True)
