"""The jobs of the queue: one study for one application each, and the steps that a worker takes with them."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from scanserve.node.queue import states
from scanserve.node.queue.database import Database
from scanserve.node.queue.kept import grow
from scanserve.node.reasons import CANCELLED_BY_USER, INTERRUPTED

__all__ = ["Job", "Jobs"]


@dataclass(frozen=True)
class Job:
    """A job that was started: what to analyse, and which try this is."""

    id: int
    study: str
    application: str
    generation: int
    series: tuple[str, ...]
    tries: int
    result: int


class Jobs:
    """The table ``jobs``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def recover(self, most_interruptions: int, now_s: float) -> None:
        """After a start: what ran when the node ended waits again, or fails once that has happened too often."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE jobs SET interruptions = interruptions + 1, tries = MAX(tries - 1, 0), state = ? "
                "WHERE state = ?",
                (states.WAITING, states.RUNNING),
            )
            connection.execute(
                "UPDATE jobs SET state = ?, code = ?, ended_s = ? WHERE state = ? AND interruptions >= ?",
                (states.FAILED, INTERRUPTED, now_s, states.WAITING, most_interruptions),
            )

    def start_next(self, now_s: float, put_off: Collection[int] = ()) -> Job | None:
        """Start the job whose turn it is, without those that are ``put_off``; None if none waits."""
        with self._database.transaction() as connection:
            marks = ", ".join("?" * len(put_off))
            row = connection.execute(
                f"""SELECT jobs.id, studies.digest AS study, application, jobs.generation, series, tries, result
                FROM jobs JOIN studies ON studies.id = jobs.study
                WHERE state = ? AND jobs.id NOT IN ({marks}) ORDER BY turn LIMIT 1""",
                (states.WAITING, *put_off),
            ).fetchone()
            if row is None:
                return None
            connection.execute(
                "UPDATE jobs SET state = ?, tries = tries + 1, started_s = ?, ended_s = NULL WHERE id = ?",
                (states.RUNNING, now_s, row["id"]),
            )
        return Job(
            row["id"],
            row["study"],
            row["application"],
            row["generation"],
            tuple(row["series"].split()),
            row["tries"] + 1,
            row["result"],
        )

    def is_running(self, job: int) -> bool:
        """Whether nobody has cancelled it."""
        row = self._database.row("SELECT state FROM jobs WHERE id = ?", job)
        return row is not None and row["state"] == states.RUNNING

    def put_back(self, job: Job, code: str, *, counts: bool) -> None:
        """Let a job that was running wait for another try; ``counts`` says whether this one is counted."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE jobs SET state = ?, code = ?, tries = tries - ? WHERE id = ? AND state = ?",
                (states.WAITING, code, 0 if counts else 1, job.id, states.RUNNING),
            )
            _await_growth(connection, job)

    def end(self, job: Job, state: str, code: str, now_s: float) -> None:
        """End a job that was running without a result."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE jobs SET state = ?, code = ?, ended_s = ? WHERE id = ? AND state = ?",
                (state, code, now_s, job.id, states.RUNNING),
            )
            if not _await_growth(connection, job):
                grow(connection, f"outcomes:{state}")

    def finish(
        self, job: Job, peers: Sequence[str], files: Sequence[str], outputs: Sequence[str], now_s: float
    ) -> bool:
        """Take a result; False where it is one of a study that has grown meanwhile, or was cancelled.

        Args:
            job: that was running.
            peers: names of the peers that get the result.
            files: to send, below the folder of the result.
            outputs: digests of the instances in them, which are never taken for inputs.
            now_s: the node's seconds.
        """
        with self._database.transaction() as connection:
            if _await_growth(connection, job):
                return False
            state = states.RETURNING if peers and files else states.DONE
            taken = connection.execute(
                """UPDATE jobs SET state = ?, code = '', result = generation, ran_s = ? - started_s,
                ended_s = ? WHERE id = ? AND state = ?""",
                (state, now_s, now_s if state == states.DONE else None, job.id, states.RUNNING),
            ).rowcount
            if not taken:
                return False
            _count(connection, job, state)
            _replace_deliveries(connection, job.id, peers, files)
            connection.executemany("INSERT OR IGNORE INTO outputs VALUES (?)", [(name,) for name in outputs])
        return True

    def note_outputs(self, outputs: Iterable[str]) -> None:
        """Remember further instances that were made here, by digest, so that they are not analysed when they return."""
        with self._database.transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO outputs VALUES (?)", [(name,) for name in outputs])

    def cancel(self, job: int, now_s: float) -> bool:
        """Cancel a job that has not ended; whether there was one."""
        return self._change(
            "UPDATE jobs SET state = ?, code = ?, ended_s = ? WHERE id = ? AND state IN (?, ?, ?, ?)",
            (states.CANCELLED, CANCELLED_BY_USER, now_s, job, *states.ACTIVE),
        )

    def retry(self, job: int, now_s: float) -> bool:
        """Let a job that has ended wait again, or send its result again; whether that can be done."""
        with self._database.transaction() as connection:
            row = connection.execute(
                """SELECT result, jobs.generation, state, jobs.application,
                (SELECT COUNT(*) FROM instances WHERE instances.study = jobs.study) AS images,
                (SELECT COUNT(*) FROM deliveries WHERE job = jobs.id) AS deliveries
                FROM jobs WHERE id = ?""",
                (job,),
            ).fetchone()
            if row is None or row["state"] not in states.ENDED or not row["application"]:
                return False
            if row["result"] == row["generation"] and row["deliveries"]:
                _send_again(connection, job)
            elif row["images"]:
                _wait_again(connection, job, now_s)
            else:
                return False
        return True

    def is_output(self, digest: str) -> bool:
        """Whether the instance is one that the node itself returned."""
        return self._database.row("SELECT 1 FROM outputs WHERE digest = ?", digest) is not None

    def results_wanted(self) -> set[tuple[int, int]]:
        """Job and generation of the results that are kept, and of those that are being made."""
        rows = self._database.rows("SELECT id, result, generation FROM jobs")
        return {(row["id"], number) for row in rows for number in (row["result"], row["generation"])}

    def running(self) -> list[int]:
        """The jobs that run."""
        return [row["id"] for row in self._database.rows("SELECT id FROM jobs WHERE state = 'running'")]

    def _change(self, statement: str, values: tuple) -> bool:
        with self._database.transaction() as connection:
            return connection.execute(statement, values).rowcount > 0


def _await_growth(connection: sqlite3.Connection, job: Job) -> bool:
    """Whether the study of a running job has grown; the job then waits for it, or for its turn."""
    row = connection.execute(
        """SELECT jobs.generation, studies.generation AS now, complete FROM jobs
        JOIN studies ON studies.id = jobs.study WHERE jobs.id = ?""",
        (job.id,),
    ).fetchone()
    if row["now"] == job.generation:
        return False
    is_complete = row["complete"] == row["now"] == row["generation"]
    connection.execute(
        "UPDATE jobs SET state = ?, tries = 0, code = '', ended_s = NULL WHERE id = ? AND state != ?",
        (states.WAITING if is_complete else states.RECEIVING, job.id, states.CANCELLED),
    )
    return True


def _count(connection: sqlite3.Connection, job: Job, state: str) -> None:
    """Count the times of a job that has a result, and its end if nothing is to be returned."""
    row = connection.execute("SELECT queued_s, started_s, ran_s FROM jobs WHERE id = ?", (job.id,)).fetchone()
    grow(connection, "stage_seconds:waiting", max(row["started_s"] - row["queued_s"], 0.0))
    grow(connection, "stage_seconds:analysis", row["ran_s"])
    grow(connection, "outcomes:analysed")
    if state == states.DONE:
        grow(connection, f"outcomes:{state}")


def _replace_deliveries(
    connection: sqlite3.Connection, job: int, peers: Sequence[str], files: Sequence[str]
) -> None:
    """Let every peer get every file, and forget what was to be sent or asked of an earlier result."""
    connection.execute("DELETE FROM deliveries WHERE job = ?", (job,))
    connection.execute("DELETE FROM commitments WHERE job = ?", (job,))
    connection.executemany(
        "INSERT INTO deliveries VALUES (?, ?, ?, 'waiting', 0, '')",
        [(job, peer, file) for peer in peers for file in files],
    )


def _send_again(connection: sqlite3.Connection, job: int) -> None:
    connection.execute("UPDATE deliveries SET state = 'waiting', tries = 0, code = '' WHERE job = ?", (job,))
    connection.execute(
        "UPDATE jobs SET state = ?, code = '', ended_s = NULL WHERE id = ?", (states.RETURNING, job)
    )


def _wait_again(connection: sqlite3.Connection, job: int, now_s: float) -> None:
    connection.execute(
        """UPDATE jobs SET state = ?, code = '', tries = 0, interruptions = 0, queued_s = ?, ended_s = NULL,
        turn = (SELECT MAX(turn) + 1 FROM jobs) WHERE id = ?""",
        (states.WAITING, now_s, job),
    )
