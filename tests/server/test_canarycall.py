"""How a canary is asked, of a real tritonserver behind its gate."""

import errno
from pathlib import Path

import numpy as np
import pytest

from scanserve.contracts import ServerError
from scanserve.server import Embedded, canarycall
from scanserve.server.canary import canary_inputs
from scanserve.server.canarycall import infer
from tests.support import tiny_models as tiny

pytestmark = pytest.mark.live
SERVED = (*tiny.MODELS, tiny.SLOWER)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    repository = tiny.write_repository(tmp_path_factory.mktemp("repository"), SERVED)
    log = tmp_path_factory.mktemp("log") / "server.log"
    with Embedded(repository, models=SERVED, require_canaries=False, log_path=log) as running:
        yield running


@pytest.fixture
def blocks(monkeypatch):
    """The sizes of the blocks that are made."""
    made, real = [], canarycall.SharedBlock

    def make(prefix, size):
        made.append(size)
        return real(prefix, size)

    monkeypatch.setattr(canarycall, "SharedBlock", make)
    return made


def answers(server, spec, key):
    return infer(server.grpc_url, spec, canary_inputs(spec), key)


def check_equal(found, expected):
    assert list(found) == list(expected)
    for name, array in expected.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


@pytest.mark.parametrize("spec", SERVED, ids=lambda spec: spec.name)
def test_shared_memory_changes_no_answer_and_leaves_nothing(server, spec, blocks):
    check_equal(answers(server, spec, server.shared_memory_key), answers(server, spec, ""))
    assert blocks == ([2 << 20] if spec == tiny.SLOWER else [])
    assert not list(Path("/dev/shm").glob("scanserve-canary-*"))


def test_without_memory_all_goes_in_messages(server, monkeypatch):
    def full(prefix, size):
        raise OSError(errno.ENOSPC, "No space left on device")

    expected = answers(server, tiny.SLOWER, "")
    monkeypatch.setattr(canarycall, "SharedBlock", full)
    check_equal(answers(server, tiny.SLOWER, server.shared_memory_key), expected)


def test_another_key_opens_nothing(server):
    with pytest.raises(ServerError, match="restricted") as caught:
        answers(server, tiny.SLOWER, "another")
    assert caught.value.code == "canary-failed"
    assert not list(Path("/dev/shm").glob("scanserve-canary-*"))
