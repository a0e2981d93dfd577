import sys
from functools import partial

import pytest

from scanserve.client.runs.connection import Connection, connect_to, embedded_connection, remote_connection
from scanserve.contracts import ServerError, SetupError
from scanserve.contracts.dat import DAT

MODELS = DAT.models[:1]


def test_without_a_server_one_of_our_own_carries_only_the_models_asked_for():
    connect = connect_to(None, models=MODELS)
    assert isinstance(connect, partial)
    assert connect.func is embedded_connection
    assert connect.keywords == {"models": MODELS}


def test_a_server_that_runs_is_connected_to_by_its_address():
    connect = connect_to("127.0.0.1:9", models=MODELS, timeout_s=5.0)
    assert connect.func is remote_connection
    with connect() as connection:
        assert connection.client.settings.url == "127.0.0.1:9"
        assert (connection.embedded, connection.repository) == (False, None)


def test_a_missing_extra_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "scanserve.server", None)
    with pytest.raises(SetupError) as caught, embedded_connection(None, 1.0, models=MODELS):
        pass
    assert "scanserve[server]" in caught.value.message


def test_a_request_outlives_one_death_of_the_server(monkeypatch):
    monkeypatch.setattr("scanserve.client.runs.resilience.time.sleep", lambda seconds: None)
    waited, answers = [], [ServerError("server-unavailable", "gone."), {"restored": 1}]

    class Client:
        def infer(self, spec, inputs):
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

    connection = Connection(Client(), lambda timeout: waited.append(timeout) or True, True, None)
    assert connection.infer(MODELS[0], {}) == {"restored": 1}
    assert len(waited) == 1
