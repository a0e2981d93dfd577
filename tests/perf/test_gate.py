"""The gate and Triton behind it, told apart and compared."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest

from scanserve.contracts import ResultError, SetupError
from scanserve.contracts.ccta import NORMALIZE
from scanserve.perf import gate
from scanserve.server import runtime

INPUTS = {
    "volume": np.zeros((24, 32, 32), np.int16),
    "spacing": np.array([2, 2, 3], np.float32),
    "origin": np.zeros(3, np.float32),
}


@pytest.mark.live
def test_both_ways_are_measured_and_answer_alike():
    try:
        runtime.find_runtime()
    except SetupError as error:
        pytest.skip(error.message)
    rows = gate.gate_rows(NORMALIZE, [NORMALIZE], INPUTS)
    assert [row.name for row in rows] == [
        "through the gate, gRPC",
        "processor time of server and gate, gRPC",
        "through the gate, shared memory",
        "processor time of server and gate, shared memory",
    ]
    for row in rows[::2]:
        assert 0 < row.peer < 5
        assert 0 < row.ours < 5
    assert all(0 <= row.ours < 5 for row in rows[1::2])
    assert {row.accuracy for row in rows} == {"equal answers"}


def test_different_answers_are_no_measurement(monkeypatch):
    answers = iter([[b"1"], [b"2"]])
    monkeypatch.setattr(gate, "_answer", lambda way, payload: next(answers))
    with pytest.raises(ResultError, match="answer differently"):
        gate._rows("gRPC", b"", None, None, None)


def test_processor_time_counts_work_and_not_waiting():
    before = gate._processor_s(os.getpid())
    deadline = time.process_time() + 0.2
    while time.process_time() < deadline:
        pass
    worked = gate._processor_s(os.getpid()) - before
    assert 0.15 < worked < 1
