import pytest

from scanserve.client.runs.resilience import infer_surviving, poll_ready
from scanserve.contracts import InferenceError, ServerError
from scanserve.contracts.ccta import QUALITY

DEAD = ServerError("server-unavailable", "gone.")


class Server:
    def __init__(self, *answers):
        self.answers = list(answers)
        self.ready = [ServerError("server-unavailable", "gone."), False, True]

    def infer(self, spec, inputs):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def is_ready(self, model=None):
        answer = self.ready.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def ask(server, back=True):
    return infer_surviving(server, QUALITY, {}, lambda timeout: back, settle_s=0)


@pytest.mark.parametrize("death", [DEAD, InferenceError("inference-failed", "the stub died.")])
def test_one_death_is_survived(death):
    assert ask(Server(death, {"quality": 1})) == {"quality": 1}


def test_a_second_death_is_an_error():
    hung = ServerError("server-unavailable", "model ccta_stage2 did not answer for 61 s.")
    with pytest.raises(
        ServerError, match="after it had said that it was ready: model ccta_stage2 did not"
    ) as caught:
        ask(Server(DEAD, hung, {}))
    assert caught.value.code == "server-failed-twice"


def test_a_server_that_stays_away_is_an_error():
    with pytest.raises(ServerError) as caught:
        ask(Server(DEAD, {}), back=False)
    assert caught.value.code == "server-not-back"


def test_a_refusal_is_not_a_death():
    server = Server(InferenceError("request-refused", "no."), {})
    with pytest.raises(InferenceError) as caught:
        ask(server)
    assert caught.value.code == "request-refused"
    assert len(server.answers) == 1


def test_a_server_that_is_about_to_end_has_no_version_of_the_model():
    """The model was there, or it would not be asked; a server that never had it says so again."""
    gone = ServerError("model-not-found", "no available versions.")
    assert ask(Server(gone, {"quality": 1})) == {"quality": 1}
    with pytest.raises(ServerError) as caught:
        ask(Server(gone, gone))
    assert caught.value.code == "model-not-found"


def test_polling_outlasts_errors(monkeypatch):
    monkeypatch.setattr("scanserve.client.runs.resilience._POLL_S", 0.001)
    assert poll_ready(Server(), "m")(5.0)
    assert not poll_ready(Server(), "m")(0.0)
