"""A run outlives one death of its server from the first moment to the last."""

from __future__ import annotations

import random
import time

import numpy as np
import pytest

from scanserve.client.runs.connection import embedded_connection
from scanserve.client.runs.early import Opening
from scanserve.client.runs.provenance import describe_models, describe_server
from scanserve.client.runs.resilience import infer_surviving
from scanserve.client.runs.timing import Stopwatch
from scanserve.server import Embedded, write_canaries
from tests.support import tiny_models as tiny
from tests.support.killer import PARTS, Killer
from tests.support.marked import MARK, Marked

pytestmark = pytest.mark.live
SERVED = (tiny.DOUBLE, tiny.SQUARE)
VOLUME = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
#: Moments of a kill, as shares of the time that an undisturbed run takes.
SHARES = [random.Random(16).uniform(index / 2, (index + 1) / 2) for index in range(2)]
#: Who dies right before which call; of a process that is gone each call hears in the same way.
BEFORE_CALLS = [
    ("greeting", "server"),
    ("greeting", "gate"),
    ("metadata", "guardian"),
    ("metadata", "stub"),
    ("inference", "gate"),
    ("inference", "stub"),
]


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    folder = tiny.write_repository(tmp_path_factory.mktemp("repository"), SERVED)
    with Embedded(folder, models=SERVED, require_canaries=False) as server:
        write_canaries(server.grpc_url, folder, SERVED)
    return folder


def run(repository, before=lambda step: None):
    """What every run says to its server, in its order; ``before`` is told of each step."""
    with embedded_connection(repository, 60.0, models=SERVED) as connection:
        before("greeting")
        server = describe_server(connection.client, embedded=True)
        before("metadata")
        models = describe_models(connection.client, SERVED, repository)
        before("inference")
        answer = infer_surviving(connection.client, tiny.DOUBLE, {"volume": VOLUME}, connection.wait_ready)
        return server.name, [model.version for model in models], answer["doubled"].tolist()


@pytest.fixture
def marked(monkeypatch):
    """A mark that every process of a run's server inherits; nothing that has it is left at the end."""
    mark = Marked()
    monkeypatch.setenv(MARK, mark.value)
    yield mark
    assert mark.processes() == {}


@pytest.fixture(scope="module")
def undisturbed(repository):
    start = time.monotonic()
    return run(repository), time.monotonic() - start


@pytest.mark.parametrize("share", SHARES, ids=lambda share: f"{share:.2f}")
@pytest.mark.parametrize("part", PARTS)
def test_a_kill_at_any_moment_ends_in_the_same_answer(repository, undisturbed, marked, part, share):
    expected, took_s = undisturbed
    with Killer(part, share * took_s) as killer:
        assert run(repository) == expected
    if share < 0.5:
        assert killer.killed


@pytest.mark.parametrize(("step", "part"), BEFORE_CALLS)
def test_a_kill_right_before_a_call_ends_in_the_same_answer(repository, undisturbed, marked, part, step):
    expected, _ = undisturbed

    def kill(now):
        if now == step:
            with Killer(part, 0.0) as killer:
                killer.wait()

    assert run(repository, kill) == expected


@pytest.mark.parametrize("share", [0.0, 0.02, 0.2, 0.5, 0.8])
def test_a_start_that_is_cancelled_leaves_nothing(repository, undisturbed, marked, share):
    _, took_s = undisturbed
    connection = embedded_connection(repository, 60.0, models=SERVED)
    with Opening(lambda: connection, lambda connection: None, Stopwatch()):
        time.sleep(share * took_s)
