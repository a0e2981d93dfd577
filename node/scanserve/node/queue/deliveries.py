"""The deliveries of the queue: which file of which result goes to which peer, and what became of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from scanserve.node.queue import states
from scanserve.node.queue.database import Database
from scanserve.node.queue.kept import grow
from scanserve.node.reasons import COMMITMENT_MISSING, COMMITMENT_REFUSED

__all__ = ["Deliveries", "Delivery", "Question"]


@dataclass(frozen=True)
class Delivery:
    """What one peer still lacks of one result."""

    job: int
    generation: int
    files: tuple[str, ...]
    tries: int


@dataclass(frozen=True)
class Question:
    """A result that a peer has and has not yet said to keep."""

    job: int
    generation: int
    files: tuple[str, ...]


class Deliveries:
    """The tables ``deliveries`` and ``commitments``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def next_for(self, peer: str, put_off: Collection[int] = ()) -> Delivery | None:
        """What the peer is to get next, without the jobs that are ``put_off``."""
        marks = ", ".join("?" * len(put_off))
        rows = self._database.rows(
            f"""SELECT job, result, file, deliveries.tries FROM deliveries JOIN jobs ON jobs.id = job
            WHERE peer = ? AND deliveries.state = 'waiting' AND jobs.state = ? AND job NOT IN ({marks})
            ORDER BY turn, file""",
            peer,
            states.RETURNING,
            *put_off,
        )
        if not rows:
            return None
        mine = [row for row in rows if row["job"] == rows[0]["job"]]
        files = tuple(row["file"] for row in mine)
        return Delivery(rows[0]["job"], rows[0]["result"], files, max(row["tries"] for row in mine))

    def sent(self, job: int, peer: str, file: str, *, kept: bool, now_s: float) -> None:
        """The peer has a file; ``kept`` says that nothing more is to be asked."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE deliveries SET state = ?, code = '' WHERE job = ? AND peer = ? AND file = ?",
                ("kept" if kept else "sent", job, peer, file),
            )
            _settle(connection, job, now_s)

    def put_off(self, job: int, peer: str, code: str) -> None:
        """The peer could not be reached: say why, and count nothing."""
        with self._database.transaction(durable=False) as connection:
            connection.execute(
                "UPDATE deliveries SET code = ? WHERE job = ? AND peer = ? AND state = 'waiting'",
                (code, job, peer),
            )

    def refused(self, job: int, peer: str, file: str, code: str, *, most: int, now_s: float) -> None:
        """The peer does not take a file; after ``most`` such answers it has failed."""
        with self._database.transaction() as connection:
            connection.execute(
                """UPDATE deliveries SET tries = tries + 1, code = ?,
                state = CASE WHEN tries + 1 >= ? THEN 'failed' ELSE state END
                WHERE job = ? AND peer = ? AND file = ? AND state = 'waiting'""",
                (code, most, job, peer, file),
            )
            _settle(connection, job, now_s)

    def to_ask(self, peer: str, asked_before: float) -> Question | None:
        """A result of which the peer has everything, and was not asked since ``asked_before`` whether it keeps it."""
        row = self._database.row(
            """SELECT id, result FROM jobs WHERE state = ?1
            AND EXISTS (SELECT 1 FROM deliveries WHERE job = jobs.id AND peer = ?2 AND state = 'sent')
            AND NOT EXISTS (SELECT 1 FROM deliveries WHERE job = jobs.id AND peer = ?2 AND state = 'waiting')
            AND NOT EXISTS (SELECT 1 FROM commitments WHERE job = jobs.id AND peer = ?2 AND asked_s > ?3)
            ORDER BY turn LIMIT 1""",
            states.RETURNING,
            peer,
            asked_before,
        )
        if row is None:
            return None
        files = self._database.rows(
            "SELECT file FROM deliveries WHERE job = ? AND peer = ? AND state = 'sent' ORDER BY file",
            row["id"],
            peer,
        )
        return Question(row["id"], row["result"], tuple(file["file"] for file in files))

    def asked(self, uid: str, job: int, peer: str, now_s: float) -> None:
        """Remember that the peer is being asked, in the transaction ``uid``."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO commitments VALUES (?, ?, ?, ?) ON CONFLICT (uid) DO NOTHING",
                (uid, job, peer, now_s),
            )

    def unanswered(self, job: int, peer: str, *, most: int, now_s: float) -> bool:
        """Whether the peer was asked ``most`` times without an answer; what it was sent has failed then."""
        with self._database.transaction() as connection:
            count = connection.execute(
                "SELECT COUNT(*) AS n FROM commitments WHERE job = ? AND peer = ?", (job, peer)
            ).fetchone()["n"]
            if count < most:
                return False
            connection.execute(
                "UPDATE deliveries SET state = 'failed', code = ? WHERE job = ? AND peer = ? AND state = 'sent'",
                (COMMITMENT_MISSING, job, peer),
            )
            _settle(connection, job, now_s)
        return True

    def asked_about(self, uid: str) -> tuple[Question, str] | None:
        """What was asked of whom in a transaction."""
        row = self._database.row(
            "SELECT job, peer, result FROM commitments JOIN jobs ON jobs.id = job WHERE uid = ?", uid
        )
        if row is None:
            return None
        files = self._database.rows(
            "SELECT file FROM deliveries WHERE job = ? AND peer = ? AND state = 'sent'",
            row["job"],
            row["peer"],
        )
        question = Question(row["job"], row["result"], tuple(file["file"] for file in files))
        return question, row["peer"]

    def answered(
        self, uid: str, kept: Sequence[str], lost: Sequence[str], *, most: int, now_s: float
    ) -> None:
        """The peer says which files it keeps; what it has lost is sent again, ``most`` times in all."""
        with self._database.transaction() as connection:
            row = connection.execute("SELECT job, peer FROM commitments WHERE uid = ?", (uid,)).fetchone()
            if row is None:
                return
            where = "WHERE job = ? AND peer = ? AND file = ? AND state = 'sent'"
            connection.executemany(
                f"UPDATE deliveries SET state = 'kept' {where}",
                [(row["job"], row["peer"], file) for file in kept],
            )
            connection.executemany(
                f"""UPDATE deliveries SET tries = tries + 1, code = ?,
                state = CASE WHEN tries + 1 >= ? THEN 'failed' ELSE 'waiting' END {where}""",
                [(COMMITMENT_REFUSED, most, row["job"], row["peer"], file) for file in lost],
            )
            connection.execute("DELETE FROM commitments WHERE uid = ?", (uid,))
            _settle(connection, row["job"], now_s)


def _settle(connection: sqlite3.Connection, job: int, now_s: float) -> None:
    """End a job of which nothing is left to send or to ask."""
    row = connection.execute(
        """SELECT SUM(state IN ('waiting', 'sent')) AS left, SUM(state = 'failed') AS failed, MAX(code) AS code
        FROM deliveries WHERE job = ?""",
        (job,),
    ).fetchone()
    if row["left"]:
        return
    state = states.FAILED if row["failed"] else states.DONE
    ended = connection.execute(
        "UPDATE jobs SET state = ?, code = ?, ended_s = ? WHERE id = ? AND state = ?",
        (state, row["code"] if row["failed"] else "", now_s, job, states.RETURNING),
    ).rowcount
    if ended:
        since = connection.execute("SELECT started_s + ran_s AS s FROM jobs WHERE id = ?", (job,)).fetchone()[
            "s"
        ]
        grow(connection, "stage_seconds:returning", max(now_s - since, 0.0))
        grow(connection, f"outcomes:{state}")
