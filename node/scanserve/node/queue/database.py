"""The file of the queue: its layout, and transactions on it.

Every change is one transaction.  SQLite's write-ahead log keeps transactions whole through a kill; through a loss of
power as well where they are ``durable``, which costs a wait for the disk.  The instances of a study need not be, save
its first: their files are durable themselves, and :mod:`~scanserve.node.reconcile` compares both at every start.
"""

from __future__ import annotations

import errno
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scanserve.contracts import InputError

__all__ = ["LAYOUT_VERSION", "Database"]

#: Of the tables; a queue of a later layout is refused.
LAYOUT_VERSION = 1
_BUSY_MS = 10_000

_TABLES = """
CREATE TABLE clock (id INTEGER PRIMARY KEY CHECK (id = 1), seconds REAL NOT NULL, wall REAL NOT NULL);

CREATE TABLE studies (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    digest TEXT NOT NULL UNIQUE,
    caller TEXT NOT NULL,
    generation INTEGER NOT NULL,   -- grows with every change of the instances
    complete INTEGER NOT NULL,     -- the generation that was last found complete
    received_s REAL NOT NULL       -- the node's clock, as in every column in seconds
);

CREATE TABLE instances (
    study INTEGER NOT NULL REFERENCES studies,
    digest TEXT NOT NULL,
    series TEXT NOT NULL,
    content TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (study, digest)
) WITHOUT ROWID;

CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    study INTEGER NOT NULL REFERENCES studies,
    application TEXT NOT NULL,
    state TEXT NOT NULL,
    turn INTEGER NOT NULL,         -- the order of the queue
    generation INTEGER NOT NULL,   -- of the study, that is or was analysed
    series TEXT NOT NULL,          -- digests of the series to analyse, joined by blanks
    instances INTEGER NOT NULL,
    result INTEGER NOT NULL,       -- the generation that there is a result of, or 0
    tries INTEGER NOT NULL,
    interruptions INTEGER NOT NULL,
    code TEXT NOT NULL,            -- why it was refused, failed or waits
    queued_s REAL,
    started_s REAL,
    ran_s REAL,
    ended_s REAL,
    UNIQUE (study, application)
);
CREATE INDEX jobs_by_state ON jobs (state, turn);

CREATE TABLE deliveries (
    job INTEGER NOT NULL REFERENCES jobs,
    peer TEXT NOT NULL,
    file TEXT NOT NULL,            -- below the folder of the result
    state TEXT NOT NULL,           -- waiting, sent, kept or failed
    tries INTEGER NOT NULL,
    code TEXT NOT NULL,
    PRIMARY KEY (job, peer, file)
) WITHOUT ROWID;

CREATE TABLE commitments (
    uid TEXT PRIMARY KEY,          -- of the transaction: ours, and random
    job INTEGER NOT NULL REFERENCES jobs,
    peer TEXT NOT NULL,
    asked_s REAL NOT NULL
) WITHOUT ROWID;

CREATE TABLE outputs (digest TEXT PRIMARY KEY) WITHOUT ROWID;

CREATE TABLE counts (name TEXT PRIMARY KEY, value REAL NOT NULL) WITHOUT ROWID;
"""


class Database:
    """The file of a queue, shared by the threads of one node.

    Raises:
        InputError: code ``queue-invalid``.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        try:
            self._open()
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise InputError("queue-invalid", f"{path.name} is no queue of a node: {error}.") from error
        except InputError:
            self._connection.close()
            raise
        path.chmod(0o600)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """All of the block, or nothing of it; with ``durable`` the disk has it afterwards.

        Raises:
            OSError: ``ENOSPC`` where the disk has no room for it.
        """
        with self._lock:
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            with _full_disk():
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self._connection
                    self._connection.execute("COMMIT")
                except BaseException:
                    if self._connection.in_transaction:  # SQLite itself ends one for which there is no room
                        self._connection.execute("ROLLBACK")
                    raise

    def rows(self, statement: str, *values: object) -> list[sqlite3.Row]:
        """What a question gives."""
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def row(self, statement: str, *values: object) -> sqlite3.Row | None:
        """The first row of an answer."""
        with self._lock:
            return self._connection.execute(statement, values).fetchone()

    def _open(self) -> None:
        for pragma in ("journal_mode = WAL", f"busy_timeout = {_BUSY_MS}", "foreign_keys = ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        found = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if found == 0:
            script = f"BEGIN;{_TABLES}PRAGMA user_version = {LAYOUT_VERSION};COMMIT;"
            self._connection.executescript(script)
        elif found != LAYOUT_VERSION:
            raise InputError(
                "queue-invalid", f"the queue has the layout {found}; this version reads {LAYOUT_VERSION}."
            )
        self._connection.execute("SELECT 1 FROM studies LIMIT 1")


@contextmanager
def _full_disk() -> Iterator[None]:
    """What SQLite says of a full disk, as the system says it of a file."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "disk is full" not in str(error):
            raise
        raise OSError(errno.ENOSPC, str(error)) from error
