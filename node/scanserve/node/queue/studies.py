"""The studies of the queue: what was received, and when a study is complete."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scanserve.node.queue import states
from scanserve.node.queue.database import Database

__all__ = ["Arrival", "Instance", "Open", "Studies"]


@dataclass(frozen=True)
class Instance:
    """One received object, by digests."""

    study: str
    digest: str
    series: str
    content: str
    size: int


@dataclass(frozen=True)
class Arrival:
    """Where an instance went: the number of its study, whether it changed anything, and the bytes that it replaces."""

    study: int
    changed: bool
    replaced: int = 0


@dataclass(frozen=True)
class Open:
    """A study that may still grow."""

    id: int
    digest: str
    caller: str
    generation: int
    instances: int


class Studies:
    """The tables ``studies`` and ``instances``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, instance: Instance, caller: str, now_s: float) -> Arrival:
        """Take an instance in; one that is there with the same content changes nothing.

        The disk has the study and its caller afterwards; the instance is known from its file.
        """
        with self._database.transaction(
            durable=bool(caller) and not self._has_caller(instance)
        ) as connection:
            study = self._study(connection, instance.study, caller, now_s)
            there = connection.execute(
                "SELECT content, bytes FROM instances WHERE study = ? AND digest = ?",
                (study, instance.digest),
            ).fetchone()
            if there is not None and there["content"] == instance.content:
                return Arrival(study, False)
            connection.execute(
                "INSERT OR REPLACE INTO instances VALUES (?, ?, ?, ?, ?)",
                (study, instance.digest, instance.series, instance.content, instance.size),
            )
            connection.execute("UPDATE studies SET generation = generation + 1 WHERE id = ?", (study,))
            connection.execute(
                f"UPDATE jobs SET state = ? WHERE study = ? AND state NOT IN {_STEADY}",
                (states.RECEIVING, study),
            )
        return Arrival(study, True, 0 if there is None else there["bytes"])

    def holds(self, study: str, digest: str) -> str | None:
        """The content of an instance that was received before, or None."""
        row = self._database.row(
            "SELECT content FROM instances JOIN studies ON studies.id = study "
            "WHERE studies.digest = ? AND instances.digest = ?",
            study,
            digest,
        )
        return None if row is None else row["content"]

    def open(self) -> list[Open]:
        """The studies that have changed since they were last complete, oldest first."""
        rows = self._database.rows(
            "SELECT id, digest, caller, generation, "
            "(SELECT COUNT(*) FROM instances WHERE study = studies.id) AS instances "
            "FROM studies WHERE complete < generation ORDER BY id"
        )
        return [Open(**dict(row)) for row in rows]

    def series_of(self, study: int) -> dict[str, list[str]]:
        """The digests of a study's instances by those of its series."""
        rows = self._database.rows(
            "SELECT series, digest FROM instances WHERE study = ? ORDER BY digest", study
        )
        found: dict[str, list[str]] = {}
        for row in rows:
            found.setdefault(row["series"], []).append(row["digest"])
        return found

    def complete(self, study: Open, routes: Mapping[str, Sequence[str]], now_s: float, code: str) -> bool:
        """Queue a study for its applications; False if it has changed meanwhile.

        Args:
            study: as it was when it was found complete.
            routes: application to the series that it gets; without any the study is refused with ``code``.
            now_s: the node's seconds.
        """
        with self._database.transaction() as connection:
            generation = connection.execute(
                "SELECT generation FROM studies WHERE id = ?", (study.id,)
            ).fetchone()["generation"]
            if generation != study.generation:
                return False
            connection.execute("UPDATE studies SET complete = generation WHERE id = ?", (study.id,))
            connection.execute("DELETE FROM jobs WHERE study = ? AND application = ''", (study.id,))
            for application, series in routes.items():
                _queue(connection, study, application, series, now_s)
            if not routes:
                _refuse(connection, study, now_s, code)
        return True

    def all_instances(self) -> list[sqlite3.Row]:
        """Study and instance, by digest, of everything."""
        return self._database.rows(
            "SELECT studies.digest AS study, instances.digest AS digest "
            "FROM instances JOIN studies ON studies.id = study"
        )

    def forget(self, study: str, digests: Sequence[str]) -> None:
        """Forget instances whose files are gone."""
        with self._database.transaction() as connection:
            connection.executemany(
                "DELETE FROM instances WHERE digest = ? AND study = (SELECT id FROM studies WHERE digest = ?)",
                [(digest, study) for digest in digests],
            )

    def bytes_held(self) -> int:
        """The size of all images."""
        row = self._database.row("SELECT COALESCE(SUM(bytes), 0) AS bytes FROM instances")
        return 0 if row is None else row["bytes"]

    def finished_before(self, seconds: float) -> list[tuple[str, int]]:
        """Digest and size of studies with images whose jobs have all ended before ``seconds``."""
        rows = self._database.rows(
            f"""SELECT digest, (SELECT SUM(bytes) FROM instances WHERE study = studies.id) AS bytes
            FROM studies WHERE complete = generation
            AND EXISTS (SELECT 1 FROM instances WHERE study = studies.id)
            AND NOT EXISTS (SELECT 1 FROM jobs WHERE study = studies.id
                            AND (state NOT IN {_ENDED} OR ended_s IS NULL OR ended_s > ?))""",
            seconds,
        )
        return [(row["digest"], row["bytes"]) for row in rows]

    def drop_images(self, study: str) -> bool:
        """Forget the instances of a study that has ended; False if it is under way again."""
        with self._database.transaction() as connection:
            row = connection.execute(
                f"""SELECT id FROM studies WHERE digest = ? AND complete = generation AND NOT EXISTS
                (SELECT 1 FROM jobs WHERE study = studies.id AND state NOT IN {_ENDED})""",
                (study,),
            ).fetchone()
            if row is None:
                return False
            connection.execute("DELETE FROM instances WHERE study = ?", (row["id"],))
        return True

    def _has_caller(self, instance: Instance) -> bool:
        row = self._database.row("SELECT caller FROM studies WHERE digest = ?", instance.study)
        return row is not None and bool(row["caller"])

    @staticmethod
    def _study(connection: sqlite3.Connection, digest: str, caller: str, now_s: float) -> int:
        row = connection.execute("SELECT id, caller FROM studies WHERE digest = ?", (digest,)).fetchone()
        if row is None:
            return connection.execute(
                "INSERT INTO studies (digest, caller, generation, complete, received_s) "
                "VALUES (?, ?, 0, 0, ?) RETURNING id",
                (digest, caller, now_s),
            ).fetchone()["id"]
        if not row["caller"]:
            connection.execute("UPDATE studies SET caller = ? WHERE id = ?", (caller, row["id"]))
        return row["id"]


def _listed(names: Sequence[str]) -> str:
    return "(" + ", ".join(f"'{name}'" for name in names) + ")"


_ENDED = _listed(states.ENDED)
#: A growing study changes nothing in these: one that runs sees it at its end, a cancelled one stays so.
_STEADY = _listed((states.RUNNING, states.CANCELLED))


def _queue(
    connection: sqlite3.Connection, study: Open, application: str, series: Sequence[str], now_s: float
) -> None:
    """Let the study wait for an application, behind all others; one that runs is left alone."""
    marks = ", ".join("?" * len(series))
    count = connection.execute(
        f"SELECT COUNT(*) AS n FROM instances WHERE study = ? AND series IN ({marks})", (study.id, *series)
    ).fetchone()["n"]
    connection.execute(
        """INSERT INTO jobs (study, application, state, turn, generation, series, instances, result, tries,
            interruptions, code, queued_s)
        VALUES (:study, :application, :waiting, (SELECT COALESCE(MAX(turn), 0) + 1 FROM jobs), :generation,
            :series, :instances, 0, 0, 0, '', :now)
        ON CONFLICT (study, application) DO UPDATE SET
            state = CASE WHEN state IN ('running', 'cancelled') THEN state ELSE :waiting END,
            turn = CASE WHEN state = 'running' THEN turn ELSE excluded.turn END,
            generation = excluded.generation, series = excluded.series, instances = excluded.instances,
            tries = 0, interruptions = 0, code = '', queued_s = excluded.queued_s""",
        {
            "study": study.id,
            "application": application,
            "waiting": states.WAITING,
            "generation": study.generation,
            "series": " ".join(series),
            "instances": count,
            "now": now_s,
        },
    )


def _refuse(connection: sqlite3.Connection, study: Open, now_s: float, code: str) -> None:
    connection.execute(
        """INSERT INTO jobs (study, application, state, turn, generation, series, instances, result, tries,
            interruptions, code, queued_s, ended_s)
        VALUES (?, '', ?, (SELECT COALESCE(MAX(turn), 0) + 1 FROM jobs), ?, '', ?, 0, 0, 0, ?, ?, ?)""",
        (study.id, states.REFUSED, study.generation, study.instances, code, now_s, now_s),
    )
