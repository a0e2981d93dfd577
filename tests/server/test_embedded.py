"""What a silent model means while a server starts."""

import pytest

from scanserve.contracts import ServerError
from scanserve.server import Embedded, embedded


class Dying:
    """A server that closed its sockets, but cannot be seen to have ended until somebody waits for it."""

    log_path = "server.log"

    def __init__(self, reason):
        self.reason = reason

    def count_stubs(self, wanted):
        pass

    def death(self):
        return ""

    def death_within(self, seconds):
        return self.reason if seconds > 0 else ""

    def last_error(self):
        return ""


@pytest.mark.parametrize(
    ("code", "reason", "told"),
    [
        ("canary-failed", "the server ended", "server-start-failed"),
        ("canary-failed", "", "canary-failed"),
        ("canary-mismatch", "the server ended", "canary-mismatch"),
    ],
)
def test_who_gives_no_answer_may_have_died_while_starting(monkeypatch, code, reason, told):
    def verify(*_, **__):
        raise ServerError(code, "a model did not answer.")

    monkeypatch.setattr(embedded, "verify_canaries", verify)
    with pytest.raises(ServerError) as caught:
        Embedded()._verify(Dying(reason))
    assert caught.value.code == told
