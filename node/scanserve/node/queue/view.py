"""The queue as the page, the metrics and the estimates see it."""

from __future__ import annotations

from dataclasses import dataclass

from scanserve.node.queue.database import Database

__all__ = ["Row", "Sent", "View"]

_COLUMNS = """studies.id AS study, studies.digest AS digest, COALESCE(jobs.id, 0) AS job,
    COALESCE(application, '') AS application, COALESCE(state, 'receiving') AS state, caller, COALESCE(code, '') AS code,
    COALESCE(tries, 0) AS tries, COALESCE(result, 0) AS result, COALESCE(turn, 0) AS turn, received_s,
    queued_s, started_s, ran_s, ended_s, COALESCE(jobs.generation, 0) AS generation,
    (SELECT COUNT(*) FROM instances WHERE instances.study = studies.id) AS instances
    FROM studies LEFT JOIN jobs ON jobs.study = studies.id"""


@dataclass(frozen=True)
class Row:
    """One line of the page; ``job`` is 0 while a study comes in for the first time."""

    study: int
    digest: str
    job: int
    application: str
    state: str
    caller: str
    code: str
    tries: int
    result: int
    turn: int
    received_s: float
    queued_s: float | None
    started_s: float | None
    ran_s: float | None
    ended_s: float | None
    generation: int
    instances: int


@dataclass(frozen=True)
class Sent:
    """How many files of a result stand how with a peer."""

    peer: str
    state: str
    files: int
    code: str


class View:
    """Questions about the whole queue."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def rows(self, most: int = 200) -> list[Row]:
        """All that is under way in the order of the queue, then what has ended, latest first."""
        found = self._database.rows(
            f"""SELECT {_COLUMNS} ORDER BY ended_s IS NOT NULL,
            CASE COALESCE(state, 'receiving') WHEN 'returning' THEN 0 WHEN 'running' THEN 1 WHEN 'waiting' THEN 2
                ELSE 3 END * (ended_s IS NULL),
            CASE WHEN ended_s IS NULL THEN COALESCE(turn, studies.id) END, ended_s DESC, studies.id LIMIT ?""",
            most,
        )
        return [Row(**dict(row)) for row in found]

    def row(self, job: int) -> Row | None:
        """The line of one job."""
        found = self._database.row(f"SELECT {_COLUMNS} WHERE jobs.id = ?", job)
        return None if found is None else Row(**dict(found))

    def sent(self, job: int) -> list[Sent]:
        """How the result of a job stands with every peer."""
        rows = self._database.rows(
            """SELECT peer, state, COUNT(*) AS files, MAX(code) AS code FROM deliveries WHERE job = ?
            GROUP BY peer, state ORDER BY peer, state""",
            job,
        )
        return [Sent(**dict(row)) for row in rows]

    def counts(self) -> dict[tuple[str, str], int]:
        """The number of jobs by application and state."""
        rows = self._database.rows(
            f"SELECT application, state, COUNT(*) AS n FROM (SELECT {_COLUMNS}) GROUP BY 1, 2"
        )
        return {(row["application"], row["state"]): row["n"] for row in rows}

    def oldest(self) -> dict[str, float]:
        """The earliest second at which something under way came into its state, by state."""
        rows = self._database.rows(
            f"""SELECT state, MIN(CASE state WHEN 'receiving' THEN received_s WHEN 'waiting' THEN queued_s
            ELSE started_s END) AS since FROM (SELECT {_COLUMNS}) WHERE ended_s IS NULL GROUP BY state"""
        )
        return {row["state"]: row["since"] for row in rows if row["since"] is not None}

    def latest_times(self, application: str, most: int = 20) -> list[float]:
        """How long the latest analyses took, seconds."""
        rows = self._database.rows(
            "SELECT ran_s FROM jobs WHERE application = ? AND ran_s IS NOT NULL ORDER BY ended_s DESC LIMIT ?",
            application,
            most,
        )
        return [row["ran_s"] for row in rows]

    def deliveries_waiting(self) -> dict[str, int]:
        """Files that wait, by peer."""
        rows = self._database.rows(
            """SELECT peer, COUNT(*) AS n FROM deliveries JOIN jobs ON jobs.id = job
            WHERE deliveries.state = 'waiting' AND jobs.state = 'returning' GROUP BY peer"""
        )
        return {row["peer"]: row["n"] for row in rows}
