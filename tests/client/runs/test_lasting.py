import pytest

from scanserve.client.runs import resilience
from scanserve.client.runs.lasting import LastingClient
from scanserve.client.transport import Client
from scanserve.contracts import ServerError

DEAD = ServerError("server-unavailable", "gone.")
GONE = ServerError("model-not-found", "no available versions.")


@pytest.fixture
def client(monkeypatch):
    """A client of a scripted server: ``says`` are its answers, errors being raised; waiting takes no time."""
    one = LastingClient("127.0.0.1:9")
    one.says, one.waited = [], []
    one.wait_ready = lambda timeout: one.waited.append(timeout) or True

    def answer(self, *_):
        said = self.says.pop(0)
        if isinstance(said, Exception):
            raise said
        return said

    monkeypatch.setattr(Client, "server_info", answer)
    monkeypatch.setattr(Client, "metadata", answer)
    monkeypatch.setattr(resilience, "SETTLE_S", 0.0)
    return one


@pytest.mark.parametrize("error", [DEAD, GONE])
def test_a_server_of_our_own_is_waited_for_from_the_first_call_on(client, error):
    client.started_here = True
    client.says = [error, "info", error, "metadata"]
    assert (client.server_info(), client.metadata("m")) == ("info", "metadata")
    assert client.waited == [resilience.RESTART_S] * 2


def test_an_absent_server_of_somebody_else_is_reported_at_once(client):
    client.says = [DEAD]
    with pytest.raises(ServerError):
        client.server_info()
    assert client.waited == []


def test_a_server_of_somebody_else_that_has_answered_is_waited_for(client):
    client.says = ["info", DEAD, "metadata"]
    assert (client.server_info(), client.metadata("m")) == ("info", "metadata")
    assert len(client.waited) == 1


def test_a_model_that_another_server_does_not_have_is_not_waited_for(client):
    client.says = ["info", GONE]
    client.server_info()
    with pytest.raises(ServerError) as caught:
        client.metadata("m")
    assert caught.value.code == "model-not-found"
    assert client.waited == []


def test_without_a_way_to_wait_every_failure_is_final(client):
    client.wait_ready, client.started_here = None, True
    client.says = [DEAD]
    with pytest.raises(ServerError):
        client.server_info()


def test_a_second_death_is_an_error(client):
    client.started_here = True
    client.says = [DEAD, DEAD]
    with pytest.raises(ServerError, match="the description of m") as caught:
        client.metadata("m")
    assert caught.value.code == "server-failed-twice"
