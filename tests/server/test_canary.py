from __future__ import annotations

import json

import numpy as np
import pytest

from scanserve.contracts import SetupError, all_models
from scanserve.server.canary import CANARY_FILE, canary_inputs, compare, digest, load_canaries


@pytest.mark.parametrize("spec", all_models(), ids=lambda spec: spec.name)
def test_inputs_fit_their_contracts_and_repeat(spec):
    first, second = canary_inputs(spec), canary_inputs(spec)
    for tensor in spec.inputs:
        tensor.validate(first[tensor.name], batched=spec.batched)
        np.testing.assert_array_equal(first[tensor.name], second[tensor.name])
        assert first[tensor.name].std() > 0 or first[tensor.name].size == 1
        check_range(tensor, first[tensor.name])


def check_range(tensor, array):
    if tensor.low is not None:
        assert tensor.low <= array.min()
    if tensor.high is not None:
        assert array.max() <= tensor.high


def test_an_equal_answer_matches():
    answer = np.random.default_rng(0).random((3, 4)).astype(np.float32)
    assert compare(digest(answer), answer, 1e-6) == ""


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda answer: answer + 0.05, "mean"),
        (lambda answer: answer[::-1], "value 0"),
        (lambda answer: answer.astype(np.float64), "dtype"),
        (lambda answer: answer[:2], "shape"),
        (lambda answer: np.where(answer > 0.9, np.nan, answer).astype(np.float32), "finite"),
    ],
)
def test_another_answer_does_not(change, says):
    answer = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)
    assert says in compare(digest(answer), change(answer), 2e-2)


def test_the_tolerance_is_relative_to_the_range():
    answer = np.linspace(0, 100, 12, dtype=np.float32)
    assert compare(digest(answer), answer + np.float32(1.9), 2e-2) == ""
    assert compare(digest(answer), answer + np.float32(2.1), 2e-2) != ""


def test_integers_may_differ_by_one_step_and_small_floats_by_little():
    zeros = np.zeros((4, 4), np.uint8)
    assert compare(digest(zeros), zeros + np.uint8(1), 1e-4) == ""
    assert compare(digest(zeros), zeros + np.uint8(2), 1e-4) != ""
    small = np.full(4, 1e-5, np.float32)
    assert compare(digest(small), small * 2, 2e-2) == ""
    assert compare(digest(small), small + np.float32(0.01), 2e-2) != ""


def test_a_missing_or_broken_file_is_refused(tmp_path):
    spec = all_models()[0]
    (tmp_path / spec.name).mkdir()
    assert load_canaries(tmp_path, [spec], required=False) == {spec.name: {}}
    with pytest.raises(SetupError, match=spec.name) as caught:
        load_canaries(tmp_path, [spec])
    assert caught.value.code == "canary-missing"
    for content in ("{", "[]", json.dumps({"format": 1, "outputs": {"other": {}}})):
        (tmp_path / spec.name / CANARY_FILE).write_text(content)
        with pytest.raises(SetupError) as caught:
            load_canaries(tmp_path, [spec])
        assert caught.value.code == "canary-unreadable"
