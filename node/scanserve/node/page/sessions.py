"""Who may look: a token opens a session, which a cookie names until it ends."""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scanserve.node.durable import write_durably

__all__ = ["Session", "Sessions", "token_of"]

#: Seconds that a session lasts, and how many there are at most.
LASTS_S, MOST = 12 * 3600.0, 100
_TOKEN_BYTES = 24


def token_of(path: Path) -> str:
    """The token in a file; a file that is not there is made."""
    if not path.exists():
        write_durably(path, f"{secrets.token_urlsafe(_TOKEN_BYTES)}\n".encode())
    return path.read_text(encoding="utf-8").strip()


@dataclass(frozen=True)
class Session:
    """One session: the name in its cookie, and what its forms must bring."""

    name: str
    form_key: str
    until_s: float


class Sessions:
    """The sessions of a page."""

    def __init__(self, token: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._token, self._monotonic = token, monotonic
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    def open(self, token: str) -> Session | None:
        """A new session, if the token is right."""
        if not self._token or not hmac.compare_digest(token.encode(), self._token.encode()):
            return None
        session = Session(
            secrets.token_urlsafe(_TOKEN_BYTES),
            secrets.token_urlsafe(_TOKEN_BYTES),
            self._monotonic() + LASTS_S,
        )
        with self._lock:
            while len(self._sessions) >= MOST:
                del self._sessions[next(iter(self._sessions))]
            self._sessions[session.name] = session
        return session

    def find(self, name: str) -> Session | None:
        """The session of that name, if it has not ended."""
        with self._lock:
            session = self._sessions.get(name)
        return session if session is not None and session.until_s > self._monotonic() else None

    def close(self, name: str) -> None:
        """End a session."""
        with self._lock:
            self._sessions.pop(name, None)
