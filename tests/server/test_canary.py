from __future__ import annotations

import json

import numpy as np
import pytest

from scanserve.contracts import ServerError, SetupError, all_models
from scanserve.contracts.layouts import CANARY_VERSION
from scanserve.server import canary
from scanserve.server.canary import (
    CANARY_FILE,
    canary_inputs,
    compare,
    digest,
    load_canaries,
    verify_canaries,
    write_canaries,
)
from tests.support import tiny_models as tiny


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


@pytest.mark.parametrize("size", [1, 7, canary._PIECE, 3 * canary._PIECE + 5])
@pytest.mark.parametrize("dtype", [np.float32, np.int16, np.uint8])
def test_mean_and_deviation_are_those_of_the_whole(size, dtype):
    answer = (40 + 30 * np.random.default_rng(size).random(size)).astype(dtype)
    stored = digest(answer)
    assert stored["mean"] == pytest.approx(answer.mean(dtype=np.float64), rel=1e-12)
    assert stored["std"] == pytest.approx(answer.std(dtype=np.float64), rel=1e-9, abs=1e-12)


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


def test_a_blob_of_an_empty_map_that_has_gone_elsewhere_is_noticed():
    """Its statistics are the same, and evenly spaced probes see none of it."""
    first, second = np.zeros((2, 3, 32, 32, 32), np.uint8)
    first[:, 10:13, 20:23, 5:8] = second[:, 11:14, 24:27, 6:9] = 200
    assert "value" in compare(digest(first), second, 2e-2)


@pytest.mark.parametrize("size", [1, 2, 15, 16, 17, 1000])
def test_probes_are_within_the_answer_and_match_it(size):
    answer = np.random.default_rng(size).normal(size=size).astype(np.float32)
    stored = digest(answer)
    places = [place for place, _ in stored["probes"]]
    assert places == sorted(set(places))
    assert {int(answer.argmin()), int(answer.argmax())} & set(places)
    assert [value for _, value in stored["probes"]] == answer[places].tolist()


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


@pytest.mark.parametrize(
    "wrong",
    [
        {"probes": [[12, 0.5]]},
        {"probes": [[-1, 0.5]]},
        {"probes": [[0.5, 0.5]]},
        {"probes": [[0]]},
        {"probes": [[0, "high"]]},
        {"probes": 3},
        {"shape": [4, "x"]},
        {"mean": None},
        {"min": "low"},
        {"min": "0.5"},
        {"max": float("inf")},
        {"std": float("nan")},
        {"dtype": None},
        {"dtype": "no such type"},
        {"probes": [[True, 0.5]]},
        {"probes": [[0, False]]},
    ],
)
def test_an_answer_that_cannot_be_compared_is_refused(tmp_path, wrong):
    good = digest(np.linspace(0, 1, 12, dtype=np.float32).reshape(4, 3))
    (tmp_path / tiny.SQUARED.name).mkdir()
    file = tmp_path / tiny.SQUARED.name / CANARY_FILE
    cases = [(good, 0.02, True), (good | wrong, 0.02, False)]
    cases += [(good, tolerance, False) for tolerance in ("much", 0, 1e9, float("inf"), 10**400)]
    cases += [(stored, 0.02, False) for stored in ({**good, "shape": {}}, [], None)]
    for stored, tolerance, fine in cases:
        outputs = {output.name: stored for output in tiny.SQUARED.outputs}
        file.write_text(json.dumps({"format": CANARY_VERSION, "tolerance": tolerance, "outputs": outputs}))
        if fine:
            assert load_canaries(tmp_path, [tiny.SQUARED])
            continue
        with pytest.raises(SetupError) as caught:
            load_canaries(tmp_path, [tiny.SQUARED])
        assert caught.value.code == "canary-unreadable"


SERVED = (tiny.SQUARED, tiny.SQUARE, tiny.DOUBLE, tiny.CHAIN)
NETWORK = {tiny.SQUARED.name, tiny.SQUARE.name}


class Models:
    """Stands in for a server: what each model computes, and who was asked."""

    def __init__(self, monkeypatch):
        self.asked = []
        self.keys = set()
        self.wrong = set()
        self.silent = set()
        monkeypatch.setattr(canary, "infer", self.infer)

    def infer(self, url, spec, inputs, key=""):
        self.asked.append(spec.name)
        self.keys.add(key)
        if spec.name in self.silent:
            raise ServerError("canary-failed", f"model {spec.name!r} did not answer its canary: silence.")
        (array,) = inputs.values()
        answer = array**2 if spec.name in NETWORK else 2 * array.astype(np.int32)
        answer = answer + 1000 if spec.name in self.wrong else answer
        return {output.name: answer for output in spec.outputs}


@pytest.fixture
def models(monkeypatch, tmp_path):
    models = Models(monkeypatch)
    for spec in SERVED:
        (tmp_path / spec.name).mkdir()
    write_canaries("", tmp_path, SERVED)
    models.asked.clear()
    return models


@pytest.mark.parametrize(("room", "key"), [(True, "secret"), (False, "")])
def test_every_model_is_asked_with_the_key_where_there_is_room(models, tmp_path, monkeypatch, room, key):
    models.keys.clear()
    monkeypatch.setattr(canary, "has_room_for_canaries", lambda specs: room)
    verify_canaries("", tmp_path, SERVED, key="secret")
    assert models.keys == {key}


def test_a_network_is_proved_by_its_ensemble(models, tmp_path):
    took = verify_canaries("", tmp_path, SERVED)
    assert sorted(models.asked) == ["tiny_chain", "tiny_double", "tiny_squared"]
    assert set(took) == {spec.name for spec in SERVED}
    assert took["tiny_square"] == took["tiny_squared"] > 0


def test_without_its_ensemble_or_the_ensembles_answer_a_network_is_asked(models, tmp_path):
    verify_canaries("", tmp_path, (tiny.SQUARE,))
    (tmp_path / "tiny_squared" / CANARY_FILE).unlink()
    verify_canaries("", tmp_path, (tiny.SQUARE, tiny.SQUARED), required=False)
    assert models.asked.count("tiny_square") == 2


@pytest.mark.parametrize(
    ("faulty", "named"),
    [
        ({"tiny_square", "tiny_squared"}, "tiny_square"),
        ({"tiny_squared"}, "tiny_squared"),
        ({"tiny_double", "tiny_chain"}, "tiny_double"),
        ({"tiny_double"}, "tiny_double"),
        ({"tiny_chain"}, "tiny_chain"),
    ],
)
@pytest.mark.parametrize(("how", "code"), [("wrong", "canary-mismatch"), ("silent", "canary-failed")])
def test_the_model_at_fault_is_named(models, tmp_path, faulty, named, how, code):
    setattr(models, how, faulty)
    with pytest.raises(ServerError, match=f"'{named}'") as caught:
        verify_canaries("", tmp_path, SERVED)
    assert caught.value.code == code


def test_a_networks_answer_has_to_be_stored_even_where_it_is_not_asked(models, tmp_path):
    (tmp_path / "tiny_square" / CANARY_FILE).unlink()
    with pytest.raises(SetupError, match="tiny_square"):
        verify_canaries("", tmp_path, SERVED)
