"""Sessions of the page."""

from scanserve.node.page.sessions import LASTS_S, MOST, Sessions, token_of


def test_a_session_ends_after_its_time():
    now = [0.0]
    sessions = Sessions("token", lambda: now[0])
    session = sessions.open("token")
    assert sessions.find(session.name) is session
    now[0] = LASTS_S + 1
    assert sessions.find(session.name) is None


def test_there_are_not_endlessly_many():
    sessions = Sessions("token")
    first = sessions.open("token")
    for _ in range(MOST):
        last = sessions.open("token")
    assert sessions.find(first.name) is None
    assert sessions.find(last.name) is last


def test_no_token_opens_nothing():
    assert Sessions("").open("") is None


def test_a_token_is_made_once_and_is_private(tmp_path):
    token = token_of(tmp_path / "token")
    assert len(token) >= 32
    assert token_of(tmp_path / "token") == token
    assert (tmp_path / "token").stat().st_mode & 0o777 == 0o600
